#include "exec/system/port_memory.h"

#include <stdlib.h>

#include "exec/system/state_file.h"

/* Of the file. */
#define VERSION 1
#include "topology/base/memory.h"

void port_memory_init(struct port_memory *memory, const char *path)
{
	json_t *file = state_file_read(path, VERSION);
	json_t *ports = json_object_get(file, "ports");

	state_file_tidy(path);
	memory->path = memory_string(path);
	memory->ports = json_is_object(ports) ? json_incref(ports) : json_object();
	json_decref(file);
}

void port_memory_finish(struct port_memory *memory)
{
	free(memory->path);
	json_decref(memory->ports);
	*memory = (struct port_memory){0};
}

uint16_t port_memory_get(const struct port_memory *memory, const char *key)
{
	json_int_t port = json_integer_value(json_object_get(memory->ports, key));

	return port > 0 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

void port_memory_set(struct port_memory *memory, const char *key, uint16_t port)
{
	if (port_memory_get(memory, key) == port)
		return;
	json_object_set_new(memory->ports, key, json_integer(port));
	state_file_write(memory->path, VERSION, json_pack("{s:O}", "ports", memory->ports));
}
