#include "planner/reach.h"

#include <string.h>

#include "planner/permit.h"
#include "topology/match.h"

/* One way to be tried: a source's interface and a destination's. */
struct way {
	const struct topology *topology;
	size_t from;
	const struct interface *leaving;
	const struct reach_to *to;
	const struct interface *arriving;
};

/* The service that is asked for if it does not listen for what arrives on a VLAN, else NULL. */
static const struct service *deaf_service(const struct reach_to *to, size_t vlan)
{
	const struct service *service = to->service;

	if (!service || service->listen == LISTEN_ANY)
		return NULL;
	if (service->listen == LISTEN_VLANS)
		for (size_t i = 0; i < service->listen_count; i++)
			if (service->listen_vlans[i] == vlan)
				return NULL;
	return service;
}

static bool avoids(const struct tunnel_options *options, size_t vlan)
{
	for (size_t i = 0; options && i < options->avoid_vlan_count; i++)
		if (options->avoid_vlans[i] == vlan)
			return true;
	return false;
}

static void close_reach(struct reach *reach, enum plan_reason reason, struct span at)
{
	reach->open = false;
	reach->reason = reason;
	reach->at = at;
}

/* Closes a reach that the source's sshd does not permit. */
static void ask_sshd(const struct topology *topology, size_t from, const struct reach_to *to,
		     struct reach *reach)
{
	struct permit permit;

	if (!reach->open || !to->by_sshd)
		return;
	permit = permit_open(&topology->hosts[from], reach->address, to->port);
	if (!permit.granted)
		close_reach(reach, permit.reason, permit.at);
}

/* Tries one address of the destination's interface (NULL: the host's own name). */
static struct reach try_address(const struct way *way, const struct address *address)
{
	const struct address *source;
	const enum address_family family = address ? address->family : ADDRESS_NAME;
	const bool family_fits = match_source(way->leaving, family, &source);
	const struct match_point from = {way->from, way->leaving->vlan, source};
	const struct match_point to = {way->to->host, way->arriving->vlan, address};
	const bool outside = to.host == TOPOLOGY_NONE && to.vlan == TOPOLOGY_NONE;
	const struct rule *rule = match_rule(way->topology, &from, &to, way->to->port);
	const struct service *deaf = deaf_service(way->to, to.vlan);
	struct reach reach = {
		.open = rule ? rule->allow : outside || from.vlan == to.vlan, /* rule 2 */
		.reason = rule ? REASON_RULE_DENY : REASON_DEFAULT_DENY,
		.at = rule ? rule->at : (struct span){0},
		.rule = rule,
		.from_vlan = from.vlan,
		.vlan = to.vlan,
		.by_name = family == ADDRESS_NAME,
		.address = address ? address->text : way->topology->hosts[to.host].name,
	};

	if (reach.open &&
	    (avoids(way->to->options, from.vlan) || avoids(way->to->options, to.vlan)))
		close_reach(&reach, REASON_CONSTRAINT, (struct span){0});
	if (reach.open && !family_fits)
		close_reach(&reach, REASON_FAMILY, (struct span){0});
	if (reach.open && deaf)
		close_reach(&reach, REASON_LOOPBACK_ONLY, deaf->at);
	ask_sshd(way->topology, way->from, way->to, &reach);
	reach.assumed = reach.open && outside && !rule;
	return reach;
}

static int vlan_order(const struct topology *topology, size_t a, size_t b)
{
	if (a == b || a == TOPOLOGY_NONE || b == TOPOLOGY_NONE)
		return 0;
	return strcmp(topology->vlans[a].name, topology->vlans[b].name);
}

/* How far a way is from being open: how many of the questions it was asked it would fail. */
static int distance(const struct reach *reach)
{
	static const int distances[] = {
		[REASON_PERMIT_OPEN] = 1,  [REASON_FWD_OFF] = 1,    [REASON_LOOPBACK_ONLY] = 2,
		[REASON_FAMILY] = 3,       [REASON_CONSTRAINT] = 4, [REASON_RULE_DENY] = 5,
		[REASON_DEFAULT_DENY] = 6,
	};

	return reach->open ? 0 : distances[reach->reason];
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

/* The best of what has been tried. */
struct attempts {
	struct reach best;
	bool any;
};

/* Keeps the better of what is known and one more. Returns whether that one is open. */
static bool keep(const struct topology *topology, struct attempts *attempts, struct reach reach)
{
	if (!attempts->any || goes_before(topology, &reach, &attempts->best))
		attempts->best = reach;
	attempts->any = true;
	return reach.open;
}

/* Tries the addresses of one interface, of which the first open one is the one (rule 3). */
static void try_way(const struct way *way, struct attempts *attempts)
{
	const struct interface *arriving = way->arriving;
	bool by_name = arriving->address_count == 0;

	for (size_t i = 0; i < arriving->address_count; i++) {
		const struct reach reach = try_address(way, &arriving->addresses[i]);

		if (keep(way->topology, attempts, reach))
			return;
		by_name |= reach.reason == REASON_PERMIT_OPEN && !way->to->outside;
	}
	if (by_name)
		keep(way->topology, attempts, try_address(way, NULL));
}

/* Tries all ways to one interface of the destination. */
static void try_arriving(const struct topology *topology, size_t from, const struct reach_to *to,
			 const struct interface *arriving, struct attempts *attempts)
{
	const struct host *source = &topology->hosts[from];
	struct way way = {topology, from, host_interface(source, arriving->vlan), to, arriving};

	if (way.leaving) {
		try_way(&way, attempts);
		return;
	}
	for (size_t i = 0; i < source->interface_count; i++) {
		way.leaving = &source->interfaces[i];
		try_way(&way, attempts);
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

/* What the host itself can dial, in the order in which it is tried. */
static void try_inside(const struct topology *topology, size_t host, const struct reach_to *to,
		       const char *address, bool by_name, struct attempts *attempts)
{
	struct reach reach = {
		.open = true,
		.from_vlan = TOPOLOGY_NONE,
		.vlan = TOPOLOGY_NONE,
		.address = address,
		.by_name = by_name,
	};

	ask_sshd(topology, host, to, &reach);
	if (!attempts->best.open)
		keep(topology, attempts, reach);
}

static void try_own_interface(const struct topology *topology, size_t host,
			      const struct reach_to *to, const struct interface *interface,
			      struct attempts *attempts)
{
	if (deaf_service(to, interface->vlan))
		return;
	for (size_t i = 0; i < interface->address_count; i++)
		try_inside(topology, host, to, interface->addresses[i].text,
			   interface->addresses[i].family == ADDRESS_NAME, attempts);
	if (interface->address_count == 0)
		try_inside(topology, host, to, topology->hosts[host].name, true, attempts);
}

/* The destination is on the source itself. Whoever names a VLAN means the address there. */
static void reach_inside(const struct topology *topology, size_t from, const struct reach_to *to,
			 struct attempts *attempts)
{
	const struct host *host = &topology->hosts[from];

	if (to->vlan == TOPOLOGY_NONE && !(to->service && to->service->listen == LISTEN_VLANS)) {
		try_inside(topology, from, to, "127.0.0.1", false, attempts);
		try_inside(topology, from, to, "localhost", true, attempts);
	}
	for (size_t i = 0; i < host->interface_count; i++)
		if (to->vlan == TOPOLOGY_NONE || to->vlan == host->interfaces[i].vlan)
			try_own_interface(topology, from, to, &host->interfaces[i], attempts);
}

static void reach_outside(const struct topology *topology, size_t from, const struct reach_to *to,
			  struct attempts *attempts)
{
	struct address address = *to->outside;
	const struct interface arriving = {
		.vlan = locate(topology, &address),
		.addresses = &address,
		.address_count = 1,
	};

	try_arriving(topology, from, to, &arriving, attempts);
}

static void reach_other(const struct topology *topology, size_t from, const struct reach_to *to,
			struct attempts *attempts)
{
	const struct host *host = &topology->hosts[to->host];

	for (size_t i = 0; i < host->interface_count; i++)
		if (to->vlan == TOPOLOGY_NONE || to->vlan == host->interfaces[i].vlan)
			try_arriving(topology, from, to, &host->interfaces[i], attempts);
}

struct reach reach_try(const struct topology *topology, size_t from, const struct reach_to *to)
{
	struct attempts attempts = {
		.best.reason = REASON_DEFAULT_DENY,
		.best.from_vlan = TOPOLOGY_NONE,
		.best.vlan = TOPOLOGY_NONE,
	};

	if (to->outside)
		reach_outside(topology, from, to, &attempts);
	else if (from == to->host)
		reach_inside(topology, from, to, &attempts);
	else
		reach_other(topology, from, to, &attempts);
	return attempts.best;
}

struct reach reach_sshd(const struct topology *topology, size_t from, size_t host, bool by_sshd,
			const struct tunnel_options *options)
{
	const struct reach_to to = {
		.host = host,
		.vlan = TOPOLOGY_NONE,
		.port = topology->hosts[host].ssh->port,
		.by_sshd = by_sshd,
		.options = options,
	};

	return reach_try(topology, from, &to);
}

/* "a rule denies it", with what the rule's owner calls it and says of it. */
static const char *rule_why(const struct rule *rule, struct arena *arena)
{
	const char *text = "a rule denies it";

	if (rule->id)
		text = arena_format(arena, "rule %s denies it", rule->id);
	if (rule->reason)
		text = arena_format(arena, "%s: %s", text, rule->reason);
	return text;
}

const char *reach_why(const struct reach *reach, const struct host *from, struct arena *arena)
{
	switch (reach->reason) {
	case REASON_RULE_DENY:
		return rule_why(reach->rule, arena);
	case REASON_FAMILY:
		return "they have no address family in common";
	case REASON_CONSTRAINT:
		return "the tunnel avoids the VLAN";
	case REASON_FWD_OFF:
		return arena_format(arena, "the sshd of %s forwards nothing", from->name);
	case REASON_PERMIT_OPEN:
		return arena_format(arena, "the PermitOpen of %s does not have %s", from->name,
				    reach->address);
	case REASON_LOOPBACK_ONLY:
		return reach->address ? "the service does not listen there"
				      : "a unix socket can be opened on its own host only";
	case REASON_NOT_JUMP:
		return "`jump: no`";
	default:
		return "they share no VLAN and no rule allows it";
	}
}
