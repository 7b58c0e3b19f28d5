/*
 * Names: from a name to the index of what has it.
 *
 * An array of (name, index) sorted by the name's hash, so that a search compares numbers, and
 * names made to collide only cost a few comparisons of strings. What an index means is the owner's
 * business; nothing that is printed depends on the order of the hashes.
 */
#ifndef TUNPLAN_TOPOLOGY_NAMES_H
#define TUNPLAN_TOPOLOGY_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "topology/arena.h"

struct names_entry {
	const char *name; /* the owner's; must outlive the entry */
	uint32_t hash;
	uint32_t index;
};

struct names {
	struct names_entry *entries; /* sorted by hash, name, index */
	size_t count;
};

/* What names_find() returns for a name that nothing has. */
#define NAMES_NONE SIZE_MAX

/* Makes room for count names in arena; names_set() each of them, then names_sort(). */
void names_init(struct names *names, struct arena *arena, size_t count);

/* Gives entry number index the name. */
void names_set(struct names *names, size_t index, const char *name);

/* Makes the names searchable. */
void names_sort(struct names *names);

/* Returns the lowest index that has the name, or NAMES_NONE. */
size_t names_find(const struct names *names, const char *name);

#endif
