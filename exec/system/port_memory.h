/*
 * Port memory: remembers the last port of each `auto` ingress, so that the ingress gets it again. A
 * small JSON file in the state directory.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_PORT_MEMORY_H
#define TUNPLAN_EXEC_SYSTEM_PORT_MEMORY_H

#include <jansson.h>
#include <stdint.h>

struct port_memory {
	char *path;    /* the file */
	json_t *ports; /* key -> port */
};

/* Reads the file; one that is missing or broken is an empty memory. The path is copied. */
void port_memory_init(struct port_memory *memory, const char *path);

/* Frees it. */
void port_memory_finish(struct port_memory *memory);

/* Returns the port remembered for a key, or 0. */
uint16_t port_memory_get(const struct port_memory *memory, const char *key);

/* Remembers a port, in the file too if it can be written. */
void port_memory_set(struct port_memory *memory, const char *key, uint16_t port);

#endif
