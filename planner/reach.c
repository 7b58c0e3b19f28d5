#include "planner/reach.h"

#include <string.h>

#include "topology/match.h"

/* One way to be tried: a source's interface and a destination's. */
struct way {
	const struct topology *topology;
	size_t from;
	const struct interface *leaving;
	const struct reach_to *to;
	const struct interface *arriving;
};

/*
 * Finds the address from which an interface dials a family, as the kernel would: its first one.
 * Returns false when it has addresses, and none of that family. What the file leaves open (no
 * address, or a name) may be of any family.
 */
static bool source_address(const struct interface *leaving, enum address_family family,
			   const struct address **ret_source)
{
	bool open = leaving->address_count == 0 || family == ADDRESS_NAME;

	for (size_t i = 0; i < leaving->address_count; i++) {
		const struct address *address = &leaving->addresses[i];

		if (address->family == family) {
			*ret_source = address;
			return true;
		}
		open |= address->family == ADDRESS_NAME;
	}
	return open;
}

/* Tries one address of the destination's interface (NULL: the host's own name). */
static struct reach try_address(const struct way *way, const struct address *address)
{
	const struct address *source = NULL;
	const enum address_family family = address ? address->family : ADDRESS_NAME;
	const bool family_fits = source_address(way->leaving, family, &source);
	const struct match_point from = {way->from, way->leaving->vlan, source};
	const struct match_point to = {way->to->host, way->arriving->vlan, address};
	const bool outside = to.host == TOPOLOGY_NONE && to.vlan == TOPOLOGY_NONE;
	struct reach reach = {
		.rule = match_rule(way->topology, &from, &to, way->to->port),
		.from_vlan = from.vlan,
		.vlan = to.vlan,
		.by_name = family == ADDRESS_NAME,
	};
	const bool allowed =
		reach.rule ? reach.rule->allow : (outside || from.vlan == to.vlan); /* rule 2 */

	reach.address = address ? address->text : way->topology->hosts[to.host].name;
	reach.open = allowed && family_fits;
	reach.assumed = reach.open && outside && !reach.rule;
	if (allowed)
		reach.reason = REASON_FAMILY;
	else
		reach.reason = reach.rule ? REASON_RULE_DENY : REASON_DEFAULT_DENY;
	return reach;
}

static int vlan_order(const struct topology *topology, size_t a, size_t b)
{
	if (a == b || a == TOPOLOGY_NONE || b == TOPOLOGY_NONE)
		return 0;
	return strcmp(topology->vlans[a].name, topology->vlans[b].name);
}

/* How far a way is from being open. */
static int distance(const struct reach *reach)
{
	if (reach->open)
		return 0;
	switch (reach->reason) {
	case REASON_FAMILY:
		return 1;
	case REASON_RULE_DENY:
		return 2;
	default:
		return 3;
	}
}

/* Whether a goes before b (rule 4). Equal ones keep their order: addresses are a list. */
static bool goes_before(const struct topology *topology, const struct reach *a,
			const struct reach *b)
{
	const int orders[] = {
		distance(a) - distance(b),
		(a->from_vlan != a->vlan) - (b->from_vlan != b->vlan),
		a->by_name - b->by_name,
		vlan_order(topology, a->vlan, b->vlan),
		vlan_order(topology, a->from_vlan, b->from_vlan),
	};

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (orders[i])
			return orders[i] < 0;
	return false;
}

/* Keeps the better of what is known and one more way, address by address. */
static void try_way(const struct way *way, struct reach *best, bool *any)
{
	const size_t count = way->arriving->address_count;

	for (size_t i = 0; i < (count ? count : 1); i++) {
		const struct reach reach =
			try_address(way, count ? &way->arriving->addresses[i] : NULL);

		/* Of one interface the first open address is the one (rule 3). */
		if (!*any || goes_before(way->topology, &reach, best))
			*best = reach;
		*any = true;
		if (reach.open)
			return;
	}
}

/* Tries all ways to one interface of the destination. */
static void try_arriving(const struct topology *topology, size_t from, const struct reach_to *to,
			 const struct interface *arriving, struct reach *best, bool *any)
{
	const struct host *source = &topology->hosts[from];
	struct way way = {topology, from, host_interface(source, arriving->vlan), to, arriving};

	if (way.leaving) {
		try_way(&way, best, any);
		return;
	}
	for (size_t i = 0; i < source->interface_count; i++) {
		way.leaving = &source->interfaces[i];
		try_way(&way, best, any);
	}
}

/* Returns the VLAN in whose range an address lies, the narrowest range first. */
static size_t locate(const struct topology *topology, const struct address *address)
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
			    vlan_order(topology, found, v) <= 0)
				continue;
			found = v;
			prefix = range->prefix;
		}
	}
	return found;
}

struct reach reach_try(const struct topology *topology, size_t from, const struct reach_to *to)
{
	struct reach best = {
		.reason = REASON_DEFAULT_DENY,
		.from_vlan = TOPOLOGY_NONE,
		.vlan = TOPOLOGY_NONE,
	};
	bool any = false;

	if (to->outside) {
		struct address address = *to->outside;
		const struct interface arriving = {
			.vlan = locate(topology, &address),
			.addresses = &address,
			.address_count = 1,
		};

		try_arriving(topology, from, to, &arriving, &best, &any);
		return best;
	}
	for (size_t i = 0; i < topology->hosts[to->host].interface_count; i++) {
		const struct interface *arriving = &topology->hosts[to->host].interfaces[i];

		if (to->vlan == TOPOLOGY_NONE || to->vlan == arriving->vlan)
			try_arriving(topology, from, to, arriving, &best, &any);
	}
	return best;
}

struct reach reach_sshd(const struct topology *topology, size_t from, size_t host)
{
	const struct reach_to to = {
		.host = host,
		.vlan = TOPOLOGY_NONE,
		.port = topology->hosts[host].ssh->port,
	};

	return reach_try(topology, from, &to);
}

const char *reach_why(const struct reach *reach)
{
	switch (reach->reason) {
	case REASON_RULE_DENY:
		return "a rule denies it";
	case REASON_FAMILY:
		return "they have no address family in common";
	case REASON_CONSTRAINT:
		return "a unix socket can be opened on its own host only";
	default:
		return "they share no VLAN and no rule allows it";
	}
}
