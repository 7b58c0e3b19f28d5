#include "planner/reach/reach.h"

#include <string.h>

#include "planner/model/list.h"
#include "planner/reach/permit.h"

/* One way to be tried: a source's interface, and the destination's presence on a VLAN. */
struct way {
	const struct network_index *network_index;
	size_t from;
	enum reach_by by;
	const struct interface *leaving;
	const struct reach_to *to;
	size_t vlan; /* where it arrives; TOPOLOGY_NONE: outside of all */
	uint16_t port;
	const struct publication *published; /* or NULL: an interface */
};

/* The best of what has been tried; or, with visit, all of it. */
struct attempts {
	const struct topology *topology;
	struct reach best;
	bool any;
	void (*visit)(void *context, const struct reach *reach);
	void *context;
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
static void check(const struct way *way, bool allowed, bool family_fits, struct reach *reach)
{
	const struct host *source = &way->network_index->topology->hosts[way->from];
	const struct service *service = way->to->service;
	const struct permit permit = way->by == REACH_SSHD
					     ? permit_open(source, reach->address, reach->port)
					     : (struct permit){.granted = true};
	const unsigned list = KEYWORD_BIT(SSHD_PERMIT_OPEN);
	const bool avoided = avoids(way->to, reach->from_vlan) || avoids(way->to, reach->vlan);
	/* Inside a host, and where it is published, only what listens is tried. */
	const bool listening = reach->from_vlan == TOPOLOGY_NONE || way->published ||
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
		 reach->left_out ? way->to->family->at : nowhere},                   /* (3) */
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
static struct reach try_from(const struct way *way, const struct interface *leaving,
			     const struct address *address, bool by_name)
{
	const struct topology *topology = way->network_index->topology;
	const struct address *source = NULL;
	const enum address_family family = address ? address->family : ADDRESS_NAME;
	const bool family_fits = match_source(topology, leaving, family, &source);
	const struct match_point from = {way->from, leaving->vlan,
					 family_fits ? source : &unknown[family]};
	const struct match_point to = {way->to->host, way->vlan, address};
	const bool outside = to.host == TOPOLOGY_NONE && to.vlan == TOPOLOGY_NONE;
	const struct rule *rule =
		rule_index_match(&way->network_index->rules, &from, &to, way->port);
	const bool allowed = rule ? rule->allow : outside || from.vlan == to.vlan; /* rule 2 */
	struct reach reach = {
		.rule = rule,
		.from_vlan = from.vlan,
		.from_trust = topology->vlans[from.vlan].trust,
		.vlan = to.vlan,
		.source = from.address,
		.target = address,
		.address = by_name || !address ? topology->hosts[to.host].name : address->text,
		.port = way->port,
		.by_name = by_name || family == ADDRESS_NAME,
		.published = way->published,
	};

	reach.left_out = is_left_out(way->to->family, family);
	check(way, allowed, family_fits && !reach.left_out, &reach);
	reach.assumed = reach.open && outside && !rule;
	return reach;
}

static uint8_t least(uint8_t a, uint8_t b)
{
	return a < b ? a : b;
}

/* The same by the interface that is tried, with what counts of all by which it may leave as well (rule 1). */
static struct reach try_address(const struct way *way, const struct address *address, bool by_name)
{
	const struct host *source = &way->network_index->topology->hosts[way->from];
	struct reach reach = try_from(way, way->leaving, address, by_name);

	if (!reach.open || reach.from_vlan == reach.vlan)
		return reach;
	for (size_t i = 0; i < source->interface_count; i++) {
		struct reach other;

		if (&source->interfaces[i] == way->leaving)
			continue;
		other = try_from(way, &source->interfaces[i], address, by_name);
		if (other.open)
			reach.from_trust = least(reach.from_trust, other.from_trust);
	}
	return reach;
}

/* --- the best of several */

/* By name. What crosses no VLAN goes before what crosses one. */
static int name_order(const struct topology *topology, size_t a, size_t b)
{
	if (a == TOPOLOGY_NONE || b == TOPOLOGY_NONE)
		return (a != TOPOLOGY_NONE) - (b != TOPOLOGY_NONE);
	return strcmp(topology->vlans[a].name, topology->vlans[b].name);
}

uint8_t reach_trust(const struct topology *topology, const struct reach *reach)
{
	if (reach->vlan == TOPOLOGY_NONE)
		return TRUST_NONE;
	if (topology->vlans[reach->vlan].encrypted && reach->from_vlan == reach->vlan &&
	    !reach->published)
		return REACH_PRIVATE;
	return reach->from_vlan == TOPOLOGY_NONE
		       ? topology->vlans[reach->vlan].trust
		       : least(topology->vlans[reach->vlan].trust, reach->from_trust);
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
static bool keep(struct attempts *attempts, struct reach reach)
{
	if (attempts->visit) {
		attempts->visit(attempts->context, &reach);
		return false;
	}
	if (!attempts->any || goes_before(attempts->topology, &reach, &attempts->best))
		attempts->best = reach;
	attempts->any = true;
	return reach.open;
}

/* Whether PermitOpen refuses an address whose host may be dialled by its name. */
static bool may_be_named(const struct way *way, const struct reach *reach)
{
	return (reach->obstacles & REASON_BIT(REASON_PERMIT_OPEN)) && !way->published &&
	       !way->to->outside;
}

/* Tries a list of addresses, of which the first open one is the one, and then the name (rule 3). */
static void try_way(const struct way *way, const struct address *addresses, size_t count,
		    struct attempts *attempts)
{
	bool named = false;

	for (size_t i = 0; i < count; i++) {
		const struct reach reach = try_address(way, &addresses[i], false);

		if (keep(attempts, reach))
			return;
		named |= may_be_named(way, &reach);
	}
	for (size_t i = 0; named && i < count; i++)
		if (keep(attempts, try_address(way, &addresses[i], true)))
			return;
	if (count == 0)
		keep(attempts, try_address(way, NULL, true));
}

/* Tries all interfaces by which the source can leave for a VLAN (rule 1). */
static void try_arriving(struct way *way, const struct address *addresses, size_t count,
			 struct attempts *attempts)
{
	const struct host *source = &way->network_index->topology->hosts[way->from];

	way->leaving = host_interface(source, way->vlan);
	if (way->leaving) {
		try_way(way, addresses, count, attempts);
		return;
	}
	for (size_t i = 0; i < source->interface_count; i++) {
		way->leaving = &source->interfaces[i];
		try_way(way, addresses, count, attempts);
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

static struct reach inside(const struct way *way, const char *address, bool by_name)
{
	struct reach reach = {
		.from_vlan = TOPOLOGY_NONE,
		.vlan = TOPOLOGY_NONE,
		.address = address,
		.port = way->port,
		.by_name = by_name,
		.published = way->published,
	};

	check(way, true, true, &reach);
	return reach;
}

/* The first that is open is the one (rule 8). A visitor is shown all of them: there is no best one. */
static void try_inside(const struct way *way, const char *address, bool by_name,
		       struct attempts *attempts)
{
	if (!attempts->best.open)
		keep(attempts, inside(way, address, by_name));
}

static void try_own_interface(const struct way *way, const struct interface *interface,
			      struct attempts *attempts)
{
	size_t count;
	const struct address *addresses = dialled(way->to, interface, &count);

	if (!listens(way->to->service, interface->vlan))
		return;
	for (size_t i = 0; i < count; i++)
		try_inside(way, addresses[i].text, addresses[i].family == ADDRESS_NAME, attempts);
	if (count == 0)
		try_inside(way, way->network_index->topology->hosts[way->from].name, true,
			   attempts);
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

/* The destination is on the source itself (rule 8). */
static void reach_inside(const struct way *way, struct attempts *attempts)
{
	const struct host *host = &way->network_index->topology->hosts[way->from];
	const struct service *service = way->to->service;
	const struct interface *own = NULL;

	if (way->to->vlan == TOPOLOGY_NONE && !(service && service->listen == LISTEN_VLANS)) {
		try_inside(way, "127.0.0.1", false, attempts);
		try_inside(way, "localhost", true, attempts);
	}
	if (service && service->listen == LISTEN_LOOPBACK)
		return;
	while (!attempts->best.open &&
	       (own = reach_next_interface(way->network_index->topology, host, own)))
		if (way->to->vlan == TOPOLOGY_NONE || way->to->vlan == own->vlan)
			try_own_interface(way, own, attempts);
	if (!attempts->any)
		attempts->best.reason = REASON_LOOPBACK_ONLY;
}

/* --- on another host, and outside the file */

static bool wants(const struct reach_to *to, size_t vlan)
{
	return to->vlan == TOPOLOGY_NONE || to->vlan == vlan;
}

/* The VLANs that both are on go before all others (rule 4). */
static void reach_neighbour(struct way *way, struct attempts *attempts)
{
	const struct host *source = &way->network_index->topology->hosts[way->from];
	const struct host *host = &way->network_index->topology->hosts[way->to->host];

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *arriving = &host->interfaces[i];
		const struct address *addresses;
		size_t count;

		way->vlan = arriving->vlan;
		way->leaving = host_interface(source, arriving->vlan);
		addresses = dialled(way->to, arriving, &count);
		if (way->leaving && wants(way->to, arriving->vlan))
			try_way(way, addresses, count, attempts);
	}
}

static void reach_routed(struct way *way, struct attempts *attempts)
{
	const struct host *source = &way->network_index->topology->hosts[way->from];
	const struct host *host = &way->network_index->topology->hosts[way->to->host];

	for (size_t i = 0; i < host->interface_count; i++) {
		const struct interface *arriving = &host->interfaces[i];
		const struct address *addresses;
		size_t count;

		if (!wants(way->to, arriving->vlan) || host_interface(source, arriving->vlan))
			continue;
		way->vlan = arriving->vlan;
		addresses = dialled(way->to, arriving, &count);
		try_arriving(way, addresses, count, attempts);
	}
}

/* What is published, on a VLAN or on the source itself (rule 6). */
static void reach_published(struct way *way, struct attempts *attempts)
{
	for (size_t i = 0; i < way->to->published_count; i++) {
		const struct publication *at = &way->to->published[i];
		const bool here = at->vlan == TOPOLOGY_NONE && at->host == way->from;

		way->published = at;
		way->port = at->port;
		way->vlan = at->vlan;
		if (here && way->to->vlan == TOPOLOGY_NONE)
			keep(attempts,
			     inside(way, at->address.text, at->address.family == ADDRESS_NAME));
		else if (at->vlan != TOPOLOGY_NONE && wants(way->to, at->vlan))
			try_arriving(way, &at->address, 1, attempts);
	}
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

static void try_all(struct way *way, struct attempts *attempts)
{
	if (way->to->own) {
		try_inside(way, way->to->outside->text, false, attempts);
	} else if (way->to->outside) {
		way->vlan = way->to->outside_vlan;
		try_arriving(way, way->to->outside, 1, attempts);
	} else if (way->from == way->to->host) {
		reach_inside(way, attempts);
	} else {
		reach_neighbour(way, attempts);
		if (!attempts->best.open)
			reach_routed(way, attempts);
		if (!attempts->best.open)
			reach_published(way, attempts);
	}
}

struct reach reach_try(const struct network_index *network_index, size_t from, enum reach_by by,
		       const struct reach_to *to)
{
	struct way way = {
		.network_index = network_index, .from = from, .by = by, .to = to, .port = to->port};
	struct attempts attempts = {
		.topology = network_index->topology,
		.best = {.reason = REASON_DEFAULT_DENY,
			 .obstacles = REASON_BIT(REASON_DEFAULT_DENY),
			 .from_vlan = TOPOLOGY_NONE,
			 .vlan = TOPOLOGY_NONE},
	};

	try_all(&way, &attempts);
	return attempts.best;
}

void reach_each(const struct network_index *network_index, size_t from, enum reach_by by,
		const struct reach_to *to, void (*visit)(void *context, const struct reach *reach),
		void *context)
{
	struct way way = {
		.network_index = network_index, .from = from, .by = by, .to = to, .port = to->port};
	struct attempts attempts = {
		.topology = network_index->topology, .visit = visit, .context = context};

	try_all(&way, &attempts);
}

/* --- the interfaces by which a connection may leave */

/* The connection, and whether it may leave by an interface. */
struct leaving {
	size_t vlan;
	const char *address; /* NULL: any */
	size_t from_vlan;
	bool may;
};

static void note_leaving(void *context, const struct reach *reach)
{
	struct leaving *leaving = context;

	leaving->may |= reach->open && reach->from_vlan == leaving->from_vlan &&
			reach->vlan == leaving->vlan &&
			(!leaving->address || strcmp(reach->address, leaving->address) == 0);
}

struct reach_vlans reach_leaving(const struct network_index *network_index, size_t from,
				 enum reach_by by, const struct reach_to *to, size_t vlan,
				 const char *address, struct arena *arena)
{
	const struct topology *topology = network_index->topology;
	const struct host *source = &topology->hosts[from];
	size_t *vlans = arena_array(arena, source->interface_count, sizeof(*vlans)), count = 0;
	const struct interface *by_this = NULL;

	while ((by_this = reach_next_interface(topology, source, by_this))) {
		struct leaving leaving = {
			.vlan = vlan, .address = address, .from_vlan = by_this->vlan};

		reach_each(network_index, from, by, to, note_leaving, &leaving);
		if (leaving.may)
			vlans[count++] = by_this->vlan;
	}
	return (struct reach_vlans){vlans, count};
}

/* --- what is dialled at all */

/* A source for which a rule is looked for. */
struct letting {
	const struct topology *topology;
	size_t host;
	bool may;
};

static void let(void *context, const struct rule *rule)
{
	struct letting *letting = context;
	const struct host *host = &letting->topology->hosts[letting->host];

	for (size_t i = 0; rule->allow && !letting->may && i < host->interface_count; i++) {
		const struct interface *leaving = &host->interfaces[i];
		struct match_point point = {letting->host, leaving->vlan, NULL};

		letting->may = match_end(letting->topology, &rule->from, &point);
		for (size_t a = 0; !letting->may && a < leaving->address_count; a++) {
			point.address = &leaving->addresses[a];
			letting->may = match_end(letting->topology, &rule->from, &point);
		}
	}
}

bool reach_may(const struct network_index *network_index, size_t from, size_t to)
{
	struct letting letting = {network_index->topology, from,
				  network_index->hosts[to].traits & TRAIT_PUBLISHED};
	size_t from_count, to_count;
	const uint32_t *ours = id_lists_of(&network_index->vlans_of, from, &from_count);
	const uint32_t *theirs = id_lists_of(&network_index->vlans_of, to, &to_count);

	for (size_t i = 0; i < from_count; i++)
		for (size_t j = 0; j < to_count; j++)
			letting.may |= ours[i] == theirs[j];
	if (!letting.may)
		rule_index_visit(&network_index->rules, RULES_TO, to, let, &letting);
	return letting.may;
}

struct reach_to reach_to_sshd(const struct topology *topology, size_t host)
{
	return (struct reach_to){
		.host = host,
		.vlan = TOPOLOGY_NONE,
		.port = topology->hosts[host].ssh->port,
		.published = topology->hosts[host].published,
		.published_count = topology->hosts[host].published_count,
	};
}

/* --- words */

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
		if (reach->left_out)
			return "`AddressFamily` in its options leaves the address out";
		return "they have no address family in common";
	case REASON_CONSTRAINT:
		return "the tunnel avoids the VLAN";
	case REASON_FWD_OFF:
		return arena_format(arena, "the sshd of %s forwards nothing", from->name);
	case REASON_PERMIT_OPEN:
		return arena_format(arena, "the PermitOpen of %s does not have %s", from->name,
				    reach->address ? reach->address : "it");
	case REASON_LOOPBACK_ONLY:
		return reach->address ? "the service does not listen there"
				      : "a unix socket can be opened on its own host only";
	case REASON_NOT_JUMP:
		return "`jump: no`";
	default:
		return "they share no VLAN and no rule allows it";
	}
}
