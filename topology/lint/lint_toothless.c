/* L002: rules that deny one way to where another way is open. */
#include "topology/lint/lint_parts.h"
#include "topology/lint/port_set.h"

/* One end of a rule that denies, which names a VLAN, and the other one; neither is a set. */
struct bite {
	struct linter *linter;
	const struct rule *rule;
	enum rule_side side; /* of `end` */
	const struct rule_end *end;
	const struct rule_end *other;
	struct rule_list *list; /* to be used again and again */
	const bool *vlan_sets;  /* of each set: whether it names a VLAN */
};

/* A way that is open all the same: over a VLAN that both hosts are on. */
struct gap {
	struct member near; /* a host of `end` */
	struct member far;  /* a host of `other` */
	uint16_t port;
};

/* Whether the ports of the rule, or some of them, are open between two points. */
static bool is_open_between(const struct bite *bite, const struct match_point *from,
			    const struct match_point *to, uint16_t *ret_port)
{
	struct linter *linter = bite->linter;
	struct port_set rest;

	port_set_init(&rest, bite->rule);
	budget_spend(&linter->budget, sizeof(rest.words) / sizeof(rest.words[0]) / 8);
	rule_query_match(&linter->to, to, bite->list);
	for (size_t i = 0; i < bite->list->count && rest.count; i++) {
		const struct rule *rule = &linter->topology->rules[bite->list->items[i]];

		budget_spend(&linter->budget, match_cost(linter->topology, &rule->from, from));
		if (!match_end(linter->topology, &rule->from, from))
			continue;
		if (rule->allow && port_set_meet(&rest, rule, &linter->budget, ret_port))
			return true;
		port_set_take(&rest, rule, &linter->budget);
	}
	if (rest.count)
		*ret_port = port_set_first(&rest);
	return rest.count > 0;
}

/* The same between two interfaces on one VLAN, at some address. */
static bool is_open(const struct bite *bite, const struct member *from, const struct member *to,
		    uint16_t *ret_port)
{
	const struct interface *arriving = to->interface;
	const size_t count = arriving->address_count;

	for (size_t i = 0; i < (count ? count : 1) && !budget_is_spent(&bite->linter->budget);
	     i++) {
		const struct address *address = count ? &arriving->addresses[i] : NULL;
		const enum address_family family = address ? address->family : ADDRESS_NAME;
		struct match_point source = {from->host, from->interface->vlan, NULL};
		const struct match_point target = {to->host, arriving->vlan, address};

		if (match_source(from->interface, family, &source.address) &&
		    is_open_between(bite, &source, &target, ret_port))
			return true;
	}
	return false;
}

static bool has_address_in(const struct bite *bite, const struct interface *interface,
			   const struct cidr *range)
{
	for (size_t i = 0; i < interface->address_count; i++) {
		budget_spend(&bite->linter->budget, 1);
		if (cidr_contains(range, &interface->addresses[i]))
			return true;
	}
	return false;
}

/* Whether the other end means a host by an interface that it has at the same time as this one. */
static bool is_meant_by(const struct bite *bite, const struct member *far)
{
	struct vlan_members_walk walk = {
		.vlan_members = &bite->linter->vlan_members, .host = far->host, .certain = true};
	const struct rule_end *other = bite->other;
	struct member member;

	while (vlan_members_next(&walk, &member)) {
		budget_spend(&bite->linter->budget, 1);
		if (!vlan_members_together(far, &member))
			continue;
		if (other->kind == RULE_VLAN && other->vlan == member.interface->vlan)
			return true;
		if (other->kind == RULE_CIDR &&
		    has_address_in(bite, member.interface, &other->cidr))
			return true;
	}
	return false;
}

static bool is_meant(const struct bite *bite, const struct member *far)
{
	const struct rule_end *other = bite->other;

	if (other->kind == RULE_HOST || other->kind == RULE_HOST_AT_VLAN)
		return other->host == far->host;
	return is_meant_by(bite, far);
}

/* Tries one host of the other end, which is on the VLAN of gap->near, too. */
static bool try_far(const struct bite *bite, const struct member *far, struct gap *gap)
{
	gap->far = *far;
	if (far->host == TOPOLOGY_NONE || far->host == gap->near.host || !is_meant(bite, far))
		return false;
	if (bite->side == RULE_FROM)
		return is_open(bite, &gap->near, far, &gap->port);
	return is_open(bite, far, &gap->near, &gap->port);
}

/* Tries the interfaces that a host has on a VLAN. */
static bool try_host(const struct bite *bite, size_t host, size_t vlan, struct gap *gap)
{
	struct vlan_members_walk walk = {
		.vlan_members = &bite->linter->vlan_members, .host = host, .certain = true};
	struct member member;

	while (vlan_members_next(&walk, &member) && budget_spend(&bite->linter->budget, 1)) {
		if (member.interface->vlan == vlan && try_far(bite, &member, gap))
			return true;
	}
	return false;
}

/* Tries the members of a list on one VLAN that are on another one, too. */
static bool try_members(const struct bite *bite, const struct member_list *list, size_t listed,
			size_t vlan, struct gap *gap)
{
	size_t count;
	const struct member *members = vlan_members_on(list, listed, &count);

	for (size_t i = 0; i < count; i++) {
		if (!budget_spend(&bite->linter->budget, 1))
			return false;
		if (listed == vlan ? try_far(bite, &members[i], gap)
				   : try_host(bite, members[i].host, vlan, gap))
			return true;
	}
	return false;
}

/* Tries the hosts that are on a VLAN and that the other end means. */
static bool try_vlan(const struct bite *bite, size_t vlan, struct gap *gap)
{
	const struct vlan_members *vlan_members = &bite->linter->vlan_members;
	const struct rule_end *other = bite->other;
	size_t here, there;

	if (other->kind == RULE_HOST || other->kind == RULE_HOST_AT_VLAN)
		return try_host(bite, other->host, vlan, gap);
	if (other->kind != RULE_VLAN || other->vlan == vlan)
		return try_members(bite, &vlan_members->all, vlan, vlan, gap);
	/* Such a host is on both VLANs: the shorter list will do. */
	vlan_members_on(&vlan_members->multihomed, vlan, &here);
	vlan_members_on(&vlan_members->multihomed, other->vlan, &there);
	return try_members(bite, &vlan_members->multihomed, here < there ? vlan : other->vlan, vlan,
			   gap);
}

/* Tries a host of the end on the other VLANs that it can be on at the same time. */
static bool try_near(const struct bite *bite, const struct member *near, struct gap *gap)
{
	struct vlan_members_walk walk = {
		.vlan_members = &bite->linter->vlan_members, .host = near->host, .certain = true};

	if (near->host == TOPOLOGY_NONE)
		return false;
	while (vlan_members_next(&walk, &gap->near) && budget_spend(&bite->linter->budget, 1)) {
		const size_t vlan = gap->near.interface->vlan;

		if (vlan != bite->end->vlan && vlan_members_together(near, &gap->near) &&
		    try_vlan(bite, vlan, gap))
			return true;
	}
	return false;
}

static bool is_everything(const struct rule_end *end)
{
	return end->kind == RULE_ANY || (end->kind == RULE_CIDR && end->cidr.prefix == 0);
}

/* Finds a gap for an end that names a VLAN. */
static bool find_gap(const struct bite *bite, struct gap *gap)
{
	const struct vlan_members *vlan_members = &bite->linter->vlan_members;
	struct vlan_members_walk walk = {
		.vlan_members = vlan_members, .host = bite->end->host, .certain = true};
	const struct member *members;
	struct member member;
	size_t count;

	/* Against anybody, a rule is about the VLAN, and not about hosts that are elsewhere, too. */
	if (is_everything(bite->other))
		return false;
	if (bite->end->kind == RULE_HOST_AT_VLAN) {
		while (vlan_members_next(&walk, &member)) {
			if (member.interface->vlan == bite->end->vlan &&
			    try_near(bite, &member, gap))
				return true;
		}
		return false;
	}
	if (bite->end->kind != RULE_VLAN)
		return false;
	members = vlan_members_on(&vlan_members->multihomed, bite->end->vlan, &count);
	for (size_t i = 0; i < count && budget_spend(&bite->linter->budget, 1); i++) {
		if (try_near(bite, &members[i], gap))
			return true;
	}
	return false;
}

static void report(const struct bite *bite, const struct gap *gap)
{
	const struct topology *topology = bite->linter->topology;
	const bool leaves = bite->side == RULE_FROM;
	const char *from = topology->hosts[leaves ? gap->near.host : gap->far.host].name;
	const char *to = topology->hosts[leaves ? gap->far.host : gap->near.host].name;
	const char *vlan = topology->vlans[gap->near.interface->vlan].name;
	struct diag *diag;

	if (bite->rule->port_count)
		diag = diag_lint(bite->linter->diags, LINT_TOOTHLESS, bite->rule->at,
				 "'%s' still reaches port %u of '%s': both are on VLAN '%s', too",
				 from, (unsigned)gap->port, to, vlan);
	else
		diag = diag_lint(bite->linter->diags, LINT_TOOTHLESS, bite->rule->at,
				 "'%s' still reaches '%s': both are on VLAN '%s', too", from, to,
				 vlan);
	diag_help(bite->linter->diags, diag,
		  "to keep it off, deny it on '%s', too, or name the hosts instead of VLANs", vlan);
	diag->related = gap->near.interface->at;
	diag->related_text = "it is on that VLAN here";
}

/* Looks for a gap on both sides of a rule, of whose ends these two are the whole or a member. */
static bool check_ends(struct bite *bite, const struct rule_end *from, const struct rule_end *to)
{
	struct gap gap;

	budget_spend(&bite->linter->budget, 1);
	bite->side = RULE_FROM;
	bite->end = from;
	bite->other = to;
	if (!find_gap(bite, &gap)) {
		bite->side = RULE_TO;
		bite->end = to;
		bite->other = from;
		if (!find_gap(bite, &gap))
			return false;
	}
	if (!budget_is_spent(&bite->linter->budget))
		report(bite, &gap);
	return true;
}

/* Whether an end names a VLAN. What names hosts only is denied them wherever they are. */
static bool names_vlan(const struct bite *bite, const struct rule_end *end)
{
	if (end->kind == RULE_SET)
		return bite->vlan_sets[end->set];
	return end->kind == RULE_VLAN || end->kind == RULE_HOST_AT_VLAN;
}

/* Reports the first gap. */
static void check_rule(struct bite *bite)
{
	size_t from_count, to_count;
	const struct rule_end *from = lint_ends(bite->linter, &bite->rule->from, &from_count);
	const struct rule_end *to = lint_ends(bite->linter, &bite->rule->to, &to_count);

	if (!names_vlan(bite, &bite->rule->from) && !names_vlan(bite, &bite->rule->to))
		return;
	for (size_t i = 0; i < from_count; i++) {
		for (size_t j = 0; j < to_count; j++) {
			if (check_ends(bite, &from[i], &to[j]) ||
			    budget_is_spent(&bite->linter->budget))
				return;
		}
	}
}

static const bool *find_vlan_sets(const struct linter *linter)
{
	const struct topology *topology = linter->topology;
	bool *found = arena_array(linter->scratch, topology->set_count, sizeof(*found));

	for (size_t i = 0; i < topology->set_count; i++) {
		const struct set *set = &topology->sets[i];

		for (size_t j = 0; j < set->end_count; j++)
			found[i] |= set->ends[j].kind == RULE_VLAN ||
				    set->ends[j].kind == RULE_HOST_AT_VLAN;
	}
	return found;
}

void lint_toothless(struct linter *linter)
{
	const bool *vlan_sets = find_vlan_sets(linter);
	struct rule_list list = {0};

	for (size_t i = 0; i < linter->topology->rule_count; i++) {
		struct bite bite = {
			.linter = linter,
			.rule = &linter->topology->rules[i],
			.list = &list,
			.vlan_sets = vlan_sets,
		};

		if (!bite.rule->allow && !linter->blamed[i])
			check_rule(&bite);
		if (budget_is_spent(&linter->budget))
			break;
	}
	rule_list_finish(&list);
}
