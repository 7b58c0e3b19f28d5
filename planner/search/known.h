/*
 * Known: what a search knows by a key of two numbers: a hash table in an arena that only grows.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_KNOWN_H
#define TUNPLAN_PLANNER_SEARCH_KNOWN_H

#include <stdint.h>

#include "topology/base/arena.h"

struct known_key {
	uint64_t high;
	uint64_t low;
};

struct known_slot;

struct known {
	struct arena *arena;
	struct known_slot *slots; /* a power of two of them, or NULL */
	size_t room;
	size_t count;
};

/*
 * Returns the place of the value of a key: NULL until somebody puts something there. The place is good
 * until the next call.
 */
void **known_at(struct known *known, struct known_key key);

#endif
