/*
 * Changes: tells, from the event loop, that this machine's own network has changed, or that the machine has woken.
 *
 * What changed is not told: kernel_network_init() has how it is now. Many changes at once are told once, within 0.1 s,
 * and not more often than each half second. Where the kernel tells of nothing, nothing is ever told.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_CHANGES_H
#define TUNPLAN_EXEC_SYSTEM_CHANGES_H

#include <stdbool.h>

struct changes;
struct uv_loop_s;

struct changes_events {
	void (*network)(void *data); /* a link, an address or a route may be another */
	void (*woke)(void *data);    /* the machine has slept */
};

/* Begins to watch; what cannot be watched is not. */
struct changes *changes_create(struct uv_loop_s *loop, const struct changes_events *events,
			       void *data);

/* Whether the network has changed since it was told of. Accepts NULL. */
bool changes_are_due(const struct changes *changes);

/* Frees it. Accepts NULL. */
void changes_destroy(struct changes *changes);

#endif
