/*
 * Lookup: from a name to the index of what has it.
 *
 * An array of (name, index) sorted by the name's hash, so that a search compares numbers, and
 * names made to collide only cost a few comparisons of strings. What an index means is the owner's
 * business; nothing that is printed depends on the order of the hashes.
 */
#ifndef TUNPLAN_TOPOLOGY_LOOKUP_H
#define TUNPLAN_TOPOLOGY_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "topology/arena.h"

struct lookup_entry {
	const char *name; /* the owner's; must outlive the entry */
	uint32_t hash;
	uint32_t index;
};

struct lookup {
	struct lookup_entry *entries; /* sorted by hash, name, index */
	size_t count;
};

/* What lookup_find() returns for a name that nothing has. */
#define LOOKUP_NONE SIZE_MAX

/* Makes room for count names in arena; lookup_set() each of them, then lookup_sort(). */
void lookup_init(struct lookup *lookup, struct arena *arena, size_t count);

/* Gives entry number index the name. */
void lookup_set(struct lookup *lookup, size_t index, const char *name);

/* Makes the names searchable. */
void lookup_sort(struct lookup *lookup);

/* Returns the lowest index that has the name, or LOOKUP_NONE. */
size_t lookup_find(const struct lookup *lookup, const char *name);

#endif
