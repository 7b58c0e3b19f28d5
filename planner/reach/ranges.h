/*
 * Ranges: finds the hosts that may have an address in a CIDR range, without scanning all hosts.
 *
 * Addresses sorted once for a topology. Lives in an arena.
 */
#ifndef TUNPLAN_PLANNER_REACH_RANGES_H
#define TUNPLAN_PLANNER_REACH_RANGES_H

#include "topology/model/topology.h"

/*
 * An address of a host, or the start of a VLAN's range, which stands for its hosts without
 * addresses.
 */
struct ranges_entry {
	uint64_t high;   /* the first 64 bits of the address */
	uint32_t number; /* of a host; host_count + a VLAN's number for a VLAN */
};

/* The entries of a family, sorted by ranges_sort(). */
struct ranges_family {
	struct ranges_entry *entries;
	size_t count;
	size_t room;
	uint64_t varying; /* the bits of high in which any two differ */
};

struct ranges {
	struct ranges_family families[ADDRESS_IPV6 + 1]; /* by enum address_family */
};

/* Makes room for so many entries of a family, before there are any. */
void ranges_reserve(struct ranges *ranges, struct arena *arena, uint8_t family, size_t count);

/* Adds an entry for a numeric address. ranges_sort() is to follow. */
void ranges_add(struct ranges *ranges, struct arena *arena, uint8_t family, uint64_t high,
		size_t number);

/* Sorts what was added. */
void ranges_sort(struct ranges *ranges, struct arena *arena);

/*
 * Returns the entries that may be in a range, and how many: for a prefix longer than 64 bits a
 * superset.
 */
const struct ranges_entry *ranges_in(const struct ranges *ranges, const struct cidr *range,
				     size_t *ret_count);

#endif
