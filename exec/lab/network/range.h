/*
 * Range: numbers the addresses of a network, and takes private networks for VLANs without a range.
 *
 * Pure. A network that is taken overlaps no range and contains no address of the topology.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_RANGE_H
#define TUNPLAN_EXEC_LAB_NETWORK_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "topology/model/topology.h"

/* How many private ranges there are to take networks from. */
#define LAB_POOL_COUNT 4

/* The range of one VLAN in one family, and how far it is used. */
struct lab_range {
	struct cidr cidr;
	uint64_t next; /* number of the next address to try for a host */
};

/* The private ranges; zeroed is full. */
struct lab_pool {
	unsigned taken[LAB_POOL_COUNT]; /* networks of each that were passed so far */
};

/* Returns the length of a numeric family's addresses in bits. */
unsigned lab_family_bits(enum address_family family);

/* Returns the address with that number in a range; its text is in arena. */
struct address lab_range_address(const struct lab_range *range, uint64_t number,
				 struct arena *arena);

/*
 * Computes the first and the last number that a host may have. IPv4 spares the network's and the
 * broadcast address, IPv6 the routers' anycast address, unless there are only one or two.
 */
void lab_range_numbers(const struct lab_range *range, uint64_t *ret_first, uint64_t *ret_last);

/* Returns whether two numeric addresses share their first prefix bits; false across families. */
bool lab_address_within(const struct address *address, const struct address *network,
			uint8_t prefix);

/* Takes the next network of a family that the topology leaves free; false when none is left. */
bool lab_pool_take(struct lab_pool *pool, const struct topology *topology,
		   enum address_family family, struct cidr *ret_block);

#endif
