/* Known: a hash table from a key of two numbers to a pointer. Only grows. */
#ifndef TUNPLAN_PLANNER_SEARCH_KNOWN_H
#define TUNPLAN_PLANNER_SEARCH_KNOWN_H

#include <stddef.h>
#include <stdint.h>

struct known_key {
	uint64_t high;
	uint64_t low;
};

struct known_slot;

struct known {
	struct known_slot *slots; /* room of them, a power of two, from malloc(); or NULL */
	size_t room;
	size_t count;
};

/* Returns a number that each bit of the given one has changed about half the bits of. */
uint64_t known_hash(uint64_t value);

/*
 * Returns the address of a key's value, which is NULL until the caller sets it. The address is
 * valid until the next call.
 */
void **known_at(struct known *known, struct known_key key);

/* Gives its memory back, not that of the values. */
void known_finish(struct known *known);

#endif
