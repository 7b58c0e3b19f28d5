#include "exec/lab/network/addresses.h"

#include "exec/lab/network/published.h"
#include "exec/lab/network/range.h"

/* The router's number in its network, counted down from here while taken. */
#define ROUTER_NUMBER 254
/* IPv4 and IPv6: the families that a VLAN can have, in the order in which they are handed out. */
static const enum address_family families[] = {ADDRESS_IPV4, ADDRESS_IPV6};
#define FAMILY_COUNT (sizeof(families) / sizeof(families[0]))

/* The choice of all addresses while it is made. */
struct chooser {
	const struct topology *topology;
	struct lab_node *nodes;
	size_t node_count;
	struct arena *arena;
	struct lab_pool pool; /* of ranges for VLANs that have none */
	const char *problem;
};

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

/* Returns who has that address on the VLAN, or NULL. */
static const char *vlan_holder(const struct chooser *chooser, size_t vlan,
			       const struct address *address)
{
	for (size_t n = 0; n < chooser->node_count; n++) {
		const struct lab_leg *leg = node_leg(&chooser->nodes[n], vlan);

		for (size_t a = 0; leg && a < leg->address_count; a++)
			if (lab_address_within(&leg->addresses[a].address, address,
					       (uint8_t)lab_family_bits(address->family)))
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
	return (uint8_t)lab_family_bits(address->family);
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

/* Takes a range for a VLAN that has none of that family. */
static bool range_take(struct chooser *chooser, enum address_family family, struct cidr *ret_range)
{
	if (lab_pool_take(&chooser->pool, chooser->topology, family, ret_range))
		return true;
	chooser->problem = "no private range is left; give the VLANs ranges of their own";
	return false;
}

/* Gives a leg the address of a number, unless somebody on the VLAN has it. */
static bool number_assign(struct chooser *chooser, struct lab_leg *leg,
			  const struct lab_range *range, uint64_t number)
{
	struct address address = lab_range_address(range, number, chooser->arena);

	if (vlan_holder(chooser, leg->vlan, &address) ||
	    lab_published_at(chooser->topology, leg->vlan, &address))
		return false;
	leg_add(leg, &address, range->cidr.prefix, true, chooser->arena);
	return true;
}

/* A host gets the next number that is free. */
static bool host_assign(struct chooser *chooser, const struct lab_node *node, struct lab_leg *leg,
			struct lab_range *range)
{
	uint64_t first, last;

	lab_range_numbers(range, &first, &last);
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
static bool router_assign(struct chooser *chooser, struct lab_leg *leg,
			  const struct lab_range *range)
{
	uint64_t first, last, number;
	struct lab_range spare = {.next = 0};

	lab_range_numbers(range, &first, &last);
	for (number = last < ROUTER_NUMBER ? last + 1 : ROUTER_NUMBER + 1; number > first; number--)
		if (number_assign(chooser, leg, range, number - 1))
			return true;
	return range_take(chooser, range->cidr.family, &spare.cidr) &&
	       number_assign(chooser, leg, &spare, ROUTER_NUMBER);
}

/* The range that a VLAN's chosen addresses of a family come from. */
static bool vlan_range(struct chooser *chooser, size_t v, enum address_family family,
		       struct lab_range *ret_range)
{
	const struct vlan *vlan = &chooser->topology->vlans[v];

	ret_range->next = 0;
	for (size_t c = 0; c < vlan->cidr_count; c++) {
		if (vlan->cidrs[c].family == family) {
			ret_range->cidr = vlan->cidrs[c];
			return true;
		}
	}
	return range_take(chooser, family, &ret_range->cidr);
}

/* Gives every leg on a VLAN that has nothing stated an address of one family. */
static bool family_assign(struct chooser *chooser, size_t vlan, enum address_family family,
			  const bool *stated)
{
	struct lab_range range;

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
