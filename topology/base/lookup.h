/*
 * Lookup: finds the index of the thing that has a name.
 *
 * A hash table of (name, index), sorted within each bucket, so that names made to collide cost only
 * a few string comparisons. The meaning of an index is the owner's business. Nothing that is
 * printed depends on the order of the hashes.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_LOOKUP_H
#define TUNPLAN_TOPOLOGY_BASE_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/base/arena.h"

struct lookup_entry {
	const char *name; /* the owner's; must outlive the entry */
	uint32_t hash;
	uint32_t index;
};

struct lookup {
	struct lookup_entry *entries; /* by bucket; within one by hash, name, index */
	size_t count;
	uint32_t *starts; /* of each bucket, and behind the last one; NULL before lookup_sort() */
	bool repeats;     /* some name is there more than once */
	unsigned shift;   /* a hash, shifted right by it, is the number of a bucket */
	struct arena *arena;
};

/* What lookup_find() returns for a name that nothing has. */
#define LOOKUP_NONE SIZE_MAX

/*
 * Makes room for up to count names: lookup_add() them, and then always lookup_sort(), which moves them
 * to arena.
 */
void lookup_init(struct lookup *lookup, struct arena *arena, size_t count);

/* Gives the name to index. */
void lookup_add(struct lookup *lookup, size_t index, const char *name);

/* Likewise for a name whose hash (hash.h) is known. */
void lookup_add_hashed(struct lookup *lookup, size_t index, const char *name, uint32_t hash);

/* Makes the names searchable. */
void lookup_sort(struct lookup *lookup);

/* Returns the lowest index that has the name, or LOOKUP_NONE. */
size_t lookup_find(const struct lookup *lookup, const char *name);

#endif
