/*
 * Range index: ranges of addresses, each with an owner, sorted so that those that hold an address are
 * found without trying all of them.
 *
 * Filled by range_index_add(), then sorted by range_index_sort(), once. Lives in an arena.
 */
#ifndef TUNPLAN_TOPOLOGY_MODEL_RANGE_INDEX_H
#define TUNPLAN_TOPOLOGY_MODEL_RANGE_INDEX_H

#include <endian.h>
#include <string.h>

#include "topology/model/topology.h"

struct range_entry {
	uint64_t high, low; /* the bits of the range's first address */
	uint32_t owner;
	uint8_t family;
	uint8_t prefix;
};

/* The entries of one family and length of the prefix. */
struct range_group {
	size_t first;
	size_t end; /* behind the last */
	uint8_t family;
	uint8_t prefix;
};

struct range_index {
	struct range_entry *entries; /* by group, then by address, then by owner */
	size_t count;
	size_t room;
	struct range_group *groups; /* by family, then by prefix */
	size_t group_count;
};

void range_index_add(struct range_index *index, const struct cidr *range, size_t owner,
		     struct arena *arena);
void range_index_sort(struct range_index *index, struct arena *arena);

/* Returns the number of the first entry of a group that does not begin before an address. */
size_t range_index_from(const struct range_index *index, const struct range_group *group,
			uint64_t high, uint64_t low);

/* Returns the entries of a group that hold an address, and how many. */
const struct range_entry *range_index_find(const struct range_index *index,
					   const struct range_group *group, uint64_t high,
					   uint64_t low, size_t *ret_count);

/* Returns the 64 bits of an address from a byte on: high ones from the first, low ones from the ninth. */
static inline uint64_t range_bits(const uint8_t *bytes)
{
	uint64_t bits;

	memcpy(&bits, bytes, sizeof(bits));
	return be64toh(bits);
}

/* Returns 64 bits of which the first ones are set: those of a prefix, from bit `from` of it on. */
uint64_t range_mask(unsigned prefix, unsigned from);

#endif
