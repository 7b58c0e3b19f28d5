#include "exec/lab/addresses.h"

#include <arpa/inet.h>
#include <string.h>

/* The router's number in its network, counted down from here while taken. */
#define ROUTER_NUMBER 254
/* IPv4 and IPv6: the families that a VLAN can have, in the order in which they are handed out. */
static const enum address_family families[] = {ADDRESS_IPV4, ADDRESS_IPV6};
#define FAMILY_COUNT (sizeof(families) / sizeof(families[0]))

/* Where ranges are taken from for VLANs that have none: equal blocks within a private range. */
struct pool {
	const char *base; /* the first block */
	enum address_family family;
	uint8_t prefix;       /* bits of one block */
	unsigned block_count; /* blocks from base on */
};

static const struct pool pools[] = {
	{"10.101.1.0", ADDRESS_IPV4, 24, (254 - 101) * 256},
	{"172.16.0.0", ADDRESS_IPV4, 24, 16 * 256},
	{"198.18.0.0", ADDRESS_IPV4, 24, 2 * 256}, /* RFC 2544, for tests */
	{"fd00:101:0:1::", ADDRESS_IPV6, 64, 65535},
};

/* The range of one VLAN in one family, and how far it is used. */
struct range {
	struct cidr cidr;
	uint64_t next; /* number of the next address to try for a host */
};

struct chooser {
	const struct topology *topology;
	struct lab_node *nodes;
	size_t node_count;
	struct arena *arena;
	unsigned taken[sizeof(pools) / sizeof(pools[0])]; /* blocks of each pool passed so far */
	const char *problem;
};

static unsigned family_bits(enum address_family family)
{
	return family == ADDRESS_IPV4 ? 32 : 128;
}

/* Adds a number to an address in network order, from bit `shift` (a multiple of 8) upwards. */
static void bytes_add(uint8_t *bytes, unsigned size, uint64_t number, unsigned shift)
{
	for (unsigned i = size - shift / 8; i > 0 && number > 0; i--) {
		number += bytes[i - 1];
		bytes[i - 1] = (uint8_t)number;
		number >>= 8;
	}
}

static void address_write(struct address *address, struct arena *arena)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(address->family == ADDRESS_IPV4 ? AF_INET : AF_INET6, address->bytes, text,
		  sizeof(text));
	address->text = arena_string(arena, text);
}

static struct address range_address(const struct range *range, uint64_t number, struct arena *arena)
{
	struct address address = {.family = range->cidr.family};

	memcpy(address.bytes, range->cidr.bytes, sizeof(address.bytes));
	bytes_add(address.bytes, family_bits(address.family) / 8, number, 0);
	address_write(&address, arena);
	return address;
}

/* The numbers in a range that hosts may have: IPv4 spares the network and the broadcast address. */
static void range_numbers(const struct range *range, uint64_t *ret_first, uint64_t *ret_last)
{
	unsigned host_bits = family_bits(range->cidr.family) - range->cidr.prefix;
	uint64_t last = host_bits >= 63 ? UINT64_MAX >> 1 : (UINT64_C(1) << host_bits) - 1;
	bool spare_ends = host_bits >= 2;

	*ret_first = spare_ends ? 1 : 0;
	*ret_last = spare_ends && range->cidr.family == ADDRESS_IPV4 ? last - 1 : last;
}

static bool cidrs_overlap(const struct cidr *a, const struct cidr *b)
{
	struct address one = {.family = a->family}, other = {.family = b->family};

	memcpy(one.bytes, a->bytes, sizeof(one.bytes));
	memcpy(other.bytes, b->bytes, sizeof(other.bytes));
	return lab_address_within(&one, &other, a->prefix < b->prefix ? a->prefix : b->prefix);
}

/* Whether a block collides with a range or a stated address anywhere in the topology. */
static bool block_collides(const struct topology *topology, const struct cidr *block)
{
	for (size_t v = 0; v < topology->vlan_count; v++)
		for (size_t c = 0; c < topology->vlans[v].cidr_count; c++)
			if (cidrs_overlap(block, &topology->vlans[v].cidrs[c]))
				return true;
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t i = 0; i < host->interface_count; i++)
			for (size_t a = 0; a < host->interfaces[i].address_count; a++)
				if (cidr_contains(block, &host->interfaces[i].addresses[a]))
					return true;
	}
	return false;
}

/* Takes the next free block of the pools of a family; false, with the problem, if there is none. */
static bool pool_take(struct chooser *chooser, enum address_family family, struct cidr *ret_block)
{
	for (size_t p = 0; p < sizeof(pools) / sizeof(pools[0]); p++) {
		const struct pool *pool = &pools[p];
		unsigned size = family_bits(family) / 8;

		while (pool->family == family && chooser->taken[p] < pool->block_count) {
			struct cidr block = {.family = family, .prefix = pool->prefix};

			inet_pton(family == ADDRESS_IPV4 ? AF_INET : AF_INET6, pool->base,
				  block.bytes);
			bytes_add(block.bytes, size, chooser->taken[p]++, size * 8 - pool->prefix);
			if (block_collides(chooser->topology, &block))
				continue;
			*ret_block = block;
			return true;
		}
	}
	chooser->problem = "no private range is left; give the VLANs ranges of their own";
	return false;
}

/* Whether a VLAN has a family: by its ranges, else by what is stated on it, else IPv4 only. */
static bool vlan_has_family(const struct chooser *chooser, size_t v, enum address_family family)
{
	const struct topology *topology = chooser->topology;
	const struct vlan *vlan = &topology->vlans[v];
	bool stated = false, other = false;

	for (size_t c = 0; c < vlan->cidr_count; c++)
		if (vlan->cidrs[c].family == family)
			return true;
	if (vlan->cidr_count > 0)
		return false;
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct interface *interface = host_interface(&topology->hosts[h], v);

		for (size_t a = 0; interface && a < interface->address_count; a++) {
			stated = stated || interface->addresses[a].family == family;
			other = other || (interface->addresses[a].family != family &&
					  interface->addresses[a].family != ADDRESS_NAME);
		}
	}
	return stated || (family == ADDRESS_IPV4 && !other);
}

static struct lab_leg *node_leg(struct lab_node *node, size_t vlan)
{
	for (size_t l = 0; l < node->leg_count; l++)
		if (node->legs[l].vlan == vlan)
			return &node->legs[l];
	return NULL;
}

static const char *vlan_holder(const struct chooser *chooser, size_t vlan,
			       const struct address *address)
{
	for (size_t n = 0; n < chooser->node_count; n++) {
		const struct lab_leg *leg = node_leg(&chooser->nodes[n], vlan);

		for (size_t a = 0; leg && a < leg->address_count; a++)
			if (lab_address_within(&leg->addresses[a].address, address,
					       (uint8_t)family_bits(address->family)))
				return chooser->nodes[n].name;
	}
	return NULL;
}

static void leg_add(struct lab_leg *leg, const struct address *address, uint8_t prefix, bool chosen,
		    struct arena *arena)
{
	struct lab_address *added = (struct lab_address *)arena_push(
		arena, &leg->addresses, &leg->address_count, sizeof(*leg->addresses));

	*added = (struct lab_address){.address = *address, .prefix = prefix, .chosen = chosen};
}

/* The prefix of a stated address: that of the VLAN's range it lies in, else the address alone. */
static uint8_t stated_prefix(const struct vlan *vlan, const struct address *address)
{
	for (size_t c = 0; c < vlan->cidr_count; c++)
		if (cidr_contains(&vlan->cidrs[c], address))
			return vlan->cidrs[c].prefix;
	return (uint8_t)family_bits(address->family);
}

static bool stated_assign(struct chooser *chooser, struct lab_node *node, struct lab_leg *leg)
{
	const struct topology *topology = chooser->topology;
	const struct vlan *vlan = &topology->vlans[leg->vlan];
	const struct interface *interface = host_interface(&topology->hosts[node->host], leg->vlan);

	for (size_t a = 0; a < interface->address_count; a++) {
		const struct address *address = &interface->addresses[a];
		const char *holder;

		if (address->family == ADDRESS_NAME)
			continue;
		holder = vlan_holder(chooser, leg->vlan, address);
		if (holder) {
			chooser->problem =
				arena_format(chooser->arena,
					     "%s and %s both have the address %s on %s; give one "
					     "of them another, or none",
					     holder, node->name, address->text, vlan->name);
			return false;
		}
		leg_add(leg, address, stated_prefix(vlan, address), false, chooser->arena);
	}
	return true;
}

/* Gives a leg the address of a number, unless somebody on the VLAN has it. */
static bool number_assign(struct chooser *chooser, struct lab_leg *leg, const struct range *range,
			  uint64_t number)
{
	struct address address = range_address(range, number, chooser->arena);

	if (vlan_holder(chooser, leg->vlan, &address))
		return false;
	leg_add(leg, &address, range->cidr.prefix, true, chooser->arena);
	return true;
}

/* A host gets the next number that is free. */
static bool host_assign(struct chooser *chooser, const struct lab_node *node, struct lab_leg *leg,
			struct range *range)
{
	uint64_t first, last;

	range_numbers(range, &first, &last);
	range->next = range->next > first ? range->next : first;
	while (range->next <= last)
		if (number_assign(chooser, leg, range, range->next++))
			return true;
	chooser->problem = arena_format(chooser->arena,
					"the range of %s has no address left for %s; widen it, or "
					"state addresses",
					chooser->topology->vlans[leg->vlan].name, node->name);
	return false;
}

/*
 * The router counts down from the end. A range that the hosts fill, as on a link between two of them,
 * is right as it is: there the router gets an address from elsewhere, and routes lead to it.
 */
static bool router_assign(struct chooser *chooser, struct lab_leg *leg, const struct range *range)
{
	uint64_t first, last, number;
	struct range spare = {.next = 0};

	range_numbers(range, &first, &last);
	for (number = last < ROUTER_NUMBER ? last + 1 : ROUTER_NUMBER + 1; number > first; number--)
		if (number_assign(chooser, leg, range, number - 1))
			return true;
	return pool_take(chooser, range->cidr.family, &spare.cidr) &&
	       number_assign(chooser, leg, &spare, ROUTER_NUMBER);
}

/* The range that a VLAN's chosen addresses of a family come from. */
static bool vlan_range(struct chooser *chooser, size_t v, enum address_family family,
		       struct range *ret_range)
{
	const struct vlan *vlan = &chooser->topology->vlans[v];

	ret_range->next = 0;
	for (size_t c = 0; c < vlan->cidr_count; c++) {
		if (vlan->cidrs[c].family == family) {
			ret_range->cidr = vlan->cidrs[c];
			return true;
		}
	}
	if (pool_take(chooser, family, &ret_range->cidr))
		return true;
	chooser->problem =
		arena_format(chooser->arena,
			     "no private range is left for %s; give it one of its own", vlan->name);
	return false;
}

/* Gives every leg on a VLAN that has nothing stated an address of one family. */
static bool family_assign(struct chooser *chooser, size_t vlan, enum address_family family,
			  const bool *stated)
{
	struct range range;

	if (!vlan_has_family(chooser, vlan, family))
		return true;
	if (!vlan_range(chooser, vlan, family, &range))
		return false;
	for (size_t n = 0; n < chooser->node_count; n++) {
		const struct lab_node *node = &chooser->nodes[n];
		struct lab_leg *leg = node_leg(&chooser->nodes[n], vlan);

		if (!leg || stated[n])
			continue;
		if (node->host == TOPOLOGY_NONE ? !router_assign(chooser, leg, &range)
						: !host_assign(chooser, node, leg, &range))
			return false;
	}
	return true;
}

static bool vlan_assign(struct chooser *chooser, size_t vlan)
{
	bool *stated = arena_array(chooser->arena, chooser->node_count, sizeof(*stated));

	for (size_t n = 0; n < chooser->node_count; n++) {
		struct lab_node *node = &chooser->nodes[n];
		struct lab_leg *leg = node_leg(node, vlan);

		if (!leg || node->host == TOPOLOGY_NONE)
			continue;
		if (!stated_assign(chooser, node, leg))
			return false;
		stated[n] = leg->address_count > 0;
	}
	for (size_t f = 0; f < FAMILY_COUNT; f++)
		if (!family_assign(chooser, vlan, families[f], stated))
			return false;
	return true;
}

bool lab_addresses_assign(const struct topology *topology, struct lab_node *nodes,
			  size_t node_count, struct arena *arena, const char **ret_problem)
{
	struct chooser chooser = {
		.topology = topology, .nodes = nodes, .node_count = node_count, .arena = arena};

	for (size_t v = 0; v < topology->vlan_count; v++) {
		if (!vlan_assign(&chooser, v)) {
			*ret_problem = chooser.problem;
			return false;
		}
	}
	return true;
}
