/* Which of several connections is better (rule 4), and on which VLAN an address lies (rule 5). */
#include "planner/reach/reach.h"

#include <string.h>

/* By name. What crosses no VLAN goes before what crosses one. */
static int name_order(const struct topology *topology, size_t a, size_t b)
{
	if (a == TOPOLOGY_NONE || b == TOPOLOGY_NONE)
		return (a != TOPOLOGY_NONE) - (b != TOPOLOGY_NONE);
	return strcmp(topology->vlans[a].name, topology->vlans[b].name);
}

uint8_t reach_trust(const struct topology *topology, const struct reach *reach)
{
	uint8_t trust;

	if (reach->vlan == TOPOLOGY_NONE)
		return TRUST_NONE;
	trust = topology->vlans[reach->vlan].trust;
	if (topology->vlans[reach->vlan].encrypted && reach->from_vlan == reach->vlan &&
	    !reach->published)
		return REACH_PRIVATE;
	return reach->from_vlan != TOPOLOGY_NONE && reach->from_trust < trust ? reach->from_trust
									      : trust;
}

bool reach_prefers(const struct topology *topology, const struct reach *a, const struct reach *b)
{
	const int published = (a->published != NULL) - (b->published != NULL);
	const int routed = (a->from_vlan != a->vlan) - (b->from_vlan != b->vlan);
	const uint8_t mine = reach_trust(topology, a), other = reach_trust(topology, b);
	int vlans;

	if (published)
		return published < 0;
	if (routed)
		return routed < 0;
	if (a->by_name != b->by_name)
		return b->by_name;
	if (mine != other)
		return mine > other;
	vlans = name_order(topology, a->vlan, b->vlan);
	return vlans ? vlans < 0 : name_order(topology, a->from_vlan, b->from_vlan) < 0;
}

const struct interface *reach_next_interface(const struct topology *topology,
					     const struct host *host,
					     const struct interface *before)
{
	const struct interface *next = NULL;

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *interface = &host->interfaces[i];

		if (before && name_order(topology, interface->vlan, before->vlan) <= 0)
			continue;
		if (!next || name_order(topology, interface->vlan, next->vlan) < 0)
			next = interface;
	}
	return next;
}

size_t reach_locate(const struct topology *topology, const struct address *address)
{
	size_t found = TOPOLOGY_NONE;
	uint8_t prefix = 0;

	for (size_t v = 0; v < topology->vlan_count; v++) {
		const struct vlan *vlan = &topology->vlans[v];

		for (size_t i = 0; i < vlan->cidr_count; i++) {
			const struct cidr *range = &vlan->cidrs[i];

			if (!cidr_contains(range, address))
				continue;
			if (found != TOPOLOGY_NONE && range->prefix < prefix)
				continue;
			if (found != TOPOLOGY_NONE && range->prefix == prefix &&
			    name_order(topology, found, v) <= 0)
				continue;
			found = v;
			prefix = range->prefix;
		}
	}
	return found;
}
