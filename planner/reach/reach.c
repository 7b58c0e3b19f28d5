#include "planner/reach/reach.h"

#include <string.h>

#include "planner/model/list.h"
#include "planner/reach/permit.h"

/* Connections to be tried, one after the other, and the best of them; or, with visit, all of them. */
struct dial {
	const struct network_index *network_index;
	size_t from;
	enum reach_by by;
	const struct reach_to *to;
	struct reach best;
	bool any;
	void (*visit)(void *context, const struct reach *reach);
	void *context;

	/* Whose turn it is: a source's interface, and the destination's presence on a VLAN. */
	const struct interface *leaving;
	size_t vlan; /* where it arrives; TOPOLOGY_NONE: outside of all */
	uint16_t port;
	const struct publication *published; /* or NULL: an interface */
};

/* Whether a service listens for what arrives on a VLAN. */
static bool listens(const struct service *service, size_t vlan)
{
	if (!service || service->listen == LISTEN_ANY)
		return true;
	return service->listen == LISTEN_VLANS &&
	       list_has(service->listen_vlans, service->listen_count, vlan);
}

static bool avoids(const struct reach_to *to, size_t vlan)
{
	return list_has(to->avoid_vlans, to->avoid_vlan_count, vlan);
}

/* --- what may stand in the way */

/*
 * Checks all that may stand in the way, in this order: the first that does is the reason, and the
 * later it comes, the nearer is the connection to being open. Rules of tunplan(7) are in brackets.
 */
static void check(const struct dial *dial, bool allowed, bool family_fits, struct reach *reach)
{
	const struct host *source = &dial->network_index->topology->hosts[dial->from];
	const struct service *service = dial->to->service;
	const struct permit permit = dial->by == REACH_SSHD
					     ? permit_open(source, reach->address, reach->port)
					     : (struct permit){.granted = true};
	const unsigned list = KEYWORD_BIT(SSHD_PERMIT_OPEN);
	const bool avoided = avoids(dial->to, reach->from_vlan) || avoids(dial->to, reach->vlan);
	/* Inside a host, and where it is published, only what listens is tried. */
	const bool listening = reach->from_vlan == TOPOLOGY_NONE || dial->published ||
			       listens(service, reach->vlan);
	const struct span nowhere = {0};
	const struct {
		enum plan_reason reason;
		bool stands;
		struct span at;
	} checks[] = {
		{REASON_DEFAULT_DENY, !allowed && !reach->rule, nowhere}, /* (2) */
		{REASON_RULE_DENY, !allowed && reach->rule,
		 reach->rule ? reach->rule->at : nowhere}, /* (2) */
		{REASON_CONSTRAINT, avoided, nowhere},     /* (1) */
		{REASON_FAMILY, !family_fits,
		 reach->left_out ? dial->to->family->at : nowhere},                  /* (3) */
		{REASON_LOOPBACK_ONLY, !listening, service ? service->at : nowhere}, /* (8) */
		{REASON_FWD_OFF, (permit.refusing & ~list) != 0, permit.at},         /* (7) */
		{REASON_PERMIT_OPEN, (permit.refusing & list) != 0, permit.at},      /* (7) */
	};

	reach->settings = permit.refusing;
	reach->open = true;
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (checks[i].stands && reach->open) {
			reach->open = false;
			reach->reason = checks[i].reason;
			reach->at = checks[i].at;
		}
		reach->passed += reach->open;
		reach->obstacles |= checks[i].stands ? REASON_BIT(checks[i].reason) : 0;
	}
}

/* --- one address */

/* Whether the ssh that dials takes no address of a family. A name may lead to any. */
static bool is_left_out(const struct ssh_option *option, enum address_family family)
{
	return option && ((family == ADDRESS_IPV4 && strcmp(option->value, "inet6") == 0) ||
			  (family == ADDRESS_IPV6 && strcmp(option->value, "inet") == 0));
}

/* The address that an interface would get of a family that it does not have: in no range. */
static const struct address unknown[] = {
	[ADDRESS_IPV4] = {.text = "0.0.0.0", .family = ADDRESS_IPV4},
	[ADDRESS_IPV6] = {.text = "::", .family = ADDRESS_IPV6},
};

/*
 * Tries one address where the destination is present (NULL: the file gives none), dialled as it is
 * written or by the host's own name, which leads to it.
 */
static struct reach try_from(const struct dial *dial, const struct interface *leaving,
			     const struct address *address, bool by_name)
{
	const struct topology *topology = dial->network_index->topology;
	const struct address *source = NULL;
	const enum address_family family = address ? address->family : ADDRESS_NAME;
	const bool family_fits = match_source(topology, leaving, family, &source);
	const struct match_point from = {dial->from, leaving->vlan,
					 family_fits ? source : &unknown[family]};
	const struct match_point to = {dial->to->host, dial->vlan, address};
	const bool outside = to.host == TOPOLOGY_NONE && to.vlan == TOPOLOGY_NONE;
	const struct rule *rule =
		rule_index_match(&dial->network_index->rules, &from, &to, dial->port);
	const bool allowed = rule ? rule->allow : outside || from.vlan == to.vlan; /* rule 2 */
	struct reach reach = {
		.rule = rule,
		.from_vlan = from.vlan,
		.from_trust = topology->vlans[from.vlan].trust,
		.vlan = to.vlan,
		.source = from.address,
		.target = address,
		.address = by_name || !address ? topology->hosts[to.host].name : address->text,
		.port = dial->port,
		.by_name = by_name || family == ADDRESS_NAME,
		.published = dial->published,
	};

	reach.left_out = is_left_out(dial->to->family, family);
	check(dial, allowed, family_fits && !reach.left_out, &reach);
	reach.assumed = reach.open && outside && !rule;
	return reach;
}

/* The same by the interface that is tried, with what counts of all by which it may leave as well (rule 1). */
static struct reach try_address(const struct dial *dial, const struct address *address,
				bool by_name)
{
	const struct host *source = &dial->network_index->topology->hosts[dial->from];
	struct reach reach = try_from(dial, dial->leaving, address, by_name);

	if (!reach.open || reach.from_vlan == reach.vlan)
		return reach;
	for (size_t i = 0; i < source->interface_count; i++) {
		struct reach other;

		if (&source->interfaces[i] == dial->leaving)
			continue;
		other = try_from(dial, &source->interfaces[i], address, by_name);
		if (other.open && other.from_trust < reach.from_trust)
			reach.from_trust = other.from_trust;
	}
	return reach;
}

/* --- the best of several */

/* Whether a is kept rather than b. Equal ones keep their order: addresses are a list. */
static bool goes_before(const struct topology *topology, const struct reach *a,
			const struct reach *b)
{
	return a->passed != b->passed ? a->passed > b->passed : reach_prefers(topology, a, b);
}

/*
 * Keeps the better of what is known and one more. Returns whether that one is open, and what goes after
 * it need not be tried.
 */
static bool keep(struct dial *dial, struct reach reach)
{
	if (dial->visit) {
		dial->visit(dial->context, &reach);
		return false;
	}
	if (!dial->any || goes_before(dial->network_index->topology, &reach, &dial->best))
		dial->best = reach;
	dial->any = true;
	return reach.open;
}

/* Whether PermitOpen refuses an address whose host may be dialled by its name. */
static bool may_be_named(const struct dial *dial, const struct reach *reach)
{
	return (reach->obstacles & REASON_BIT(REASON_PERMIT_OPEN)) && !dial->published &&
	       !dial->to->outside;
}

/* Tries a list of addresses, of which the first open one is the one, and then the name (rule 3). */
static void try_addresses(struct dial *dial, const struct address *addresses, size_t count)
{
	bool named = false;

	for (size_t i = 0; i < count; i++) {
		const struct reach reach = try_address(dial, &addresses[i], false);

		if (keep(dial, reach))
			return;
		named |= may_be_named(dial, &reach);
	}
	for (size_t i = 0; named && i < count; i++)
		if (keep(dial, try_address(dial, &addresses[i], true)))
			return;
	if (count == 0)
		keep(dial, try_address(dial, NULL, true));
}

/* Tries all interfaces by which the source can leave for a VLAN (rule 1). */
static void try_arriving(struct dial *dial, const struct address *addresses, size_t count)
{
	const struct host *source = &dial->network_index->topology->hosts[dial->from];

	dial->leaving = host_interface(source, dial->vlan);
	if (dial->leaving) {
		try_addresses(dial, addresses, count);
		return;
	}
	for (size_t i = 0; i < source->interface_count; i++) {
		dial->leaving = &source->interfaces[i];
		try_addresses(dial, addresses, count);
	}
}

/* The addresses at which an interface is dialled: all of its own, or the one that is asked for. */
static const struct address *dialled(const struct reach_to *to, const struct interface *arriving,
				     size_t *ret_count)
{
	*ret_count = to->only ? 1 : arriving->address_count;
	return to->only ? to->only : arriving->addresses;
}

/* --- inside a host */

static struct reach inside(const struct dial *dial, const char *address, bool by_name)
{
	struct reach reach = {
		.from_vlan = TOPOLOGY_NONE,
		.vlan = TOPOLOGY_NONE,
		.address = address,
		.port = dial->port,
		.by_name = by_name,
		.published = dial->published,
	};

	check(dial, true, true, &reach);
	return reach;
}

/* The first that is open is the one (rule 8). A visitor is shown all of them: there is no best one. */
static void try_inside(struct dial *dial, const char *address, bool by_name)
{
	if (!dial->best.open)
		keep(dial, inside(dial, address, by_name));
}

static void try_own_interface(struct dial *dial, const struct interface *interface)
{
	size_t count;
	const struct address *addresses = dialled(dial->to, interface, &count);

	if (!listens(dial->to->service, interface->vlan))
		return;
	for (size_t i = 0; i < count; i++)
		try_inside(dial, addresses[i].text, addresses[i].family == ADDRESS_NAME);
	if (count == 0)
		try_inside(dial, dial->network_index->topology->hosts[dial->from].name, true);
}

/* The destination is on the source itself (rule 8). */
static void reach_inside(struct dial *dial)
{
	const struct host *host = &dial->network_index->topology->hosts[dial->from];
	const struct service *service = dial->to->service;
	const struct interface *own = NULL;

	if (dial->to->vlan == TOPOLOGY_NONE && !(service && service->listen == LISTEN_VLANS)) {
		try_inside(dial, "127.0.0.1", false);
		try_inside(dial, "localhost", true);
	}
	if (service && service->listen == LISTEN_LOOPBACK)
		return;
	while (!dial->best.open &&
	       (own = reach_next_interface(dial->network_index->topology, host, own)))
		if (dial->to->vlan == TOPOLOGY_NONE || dial->to->vlan == own->vlan)
			try_own_interface(dial, own);
	if (!dial->any)
		dial->best.reason = REASON_LOOPBACK_ONLY;
}

/* --- on another host, and outside the file */

static bool wants(const struct reach_to *to, size_t vlan)
{
	return to->vlan == TOPOLOGY_NONE || to->vlan == vlan;
}

/* Tries the interfaces on VLANs that both hosts are on, or those on other VLANs. */
static void reach_interfaces(struct dial *dial, bool shared)
{
	const struct host *source = &dial->network_index->topology->hosts[dial->from];
	const struct host *host = &dial->network_index->topology->hosts[dial->to->host];

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *arriving = &host->interfaces[i];
		const bool on_both = host_interface(source, arriving->vlan) != NULL;
		size_t count;
		const struct address *addresses = dialled(dial->to, arriving, &count);

		dial->vlan = arriving->vlan;
		if (on_both == shared && wants(dial->to, arriving->vlan))
			try_arriving(dial, addresses, count);
	}
}

/* What is published, on a VLAN or on the source itself (rule 6). */
static void reach_published(struct dial *dial)
{
	for (size_t i = 0; i < dial->to->published_count; i++) {
		const struct publication *at = &dial->to->published[i];
		const bool here = at->vlan == TOPOLOGY_NONE && at->host == dial->from;

		dial->published = at;
		dial->port = at->port;
		dial->vlan = at->vlan;
		if (here && dial->to->vlan == TOPOLOGY_NONE)
			keep(dial,
			     inside(dial, at->address.text, at->address.family == ADDRESS_NAME));
		else if (at->vlan != TOPOLOGY_NONE && wants(dial->to, at->vlan))
			try_arriving(dial, &at->address, 1);
	}
}

static void try_all(struct dial *dial)
{
	if (dial->to->own) {
		try_inside(dial, dial->to->outside->text, false);
	} else if (dial->to->outside) {
		dial->vlan = dial->to->outside_vlan;
		try_arriving(dial, dial->to->outside, 1);
	} else if (dial->from == dial->to->host) {
		reach_inside(dial);
	} else {
		reach_interfaces(dial, true); /* these go before all others (rule 4) */
		if (!dial->best.open)
			reach_interfaces(dial, false);
		if (!dial->best.open)
			reach_published(dial);
	}
}

struct reach reach_try(const struct network_index *network_index, size_t from, enum reach_by by,
		       const struct reach_to *to)
{
	struct dial dial = {
		.network_index = network_index,
		.from = from,
		.by = by,
		.to = to,
		.best = {.reason = REASON_DEFAULT_DENY,
			 .obstacles = REASON_BIT(REASON_DEFAULT_DENY),
			 .from_vlan = TOPOLOGY_NONE,
			 .vlan = TOPOLOGY_NONE},
		.port = to->port,
	};

	try_all(&dial);
	return dial.best;
}

void reach_each(const struct network_index *network_index, size_t from, enum reach_by by,
		const struct reach_to *to, void (*visit)(void *context, const struct reach *reach),
		void *context)
{
	struct dial dial = {
		.network_index = network_index,
		.from = from,
		.by = by,
		.to = to,
		.visit = visit,
		.context = context,
		.port = to->port,
	};

	try_all(&dial);
}
