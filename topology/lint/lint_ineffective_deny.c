/*
 * L002: rules that deny one path to a destination while another path stays open.
 *
 * Two kinds of rules mean exactly what they say. A rule that names HOST@VLAN is about that interface
 * alone. And a host that logins may pass stands on two VLANs for that purpose: a rule that keeps
 * the other hosts of one VLAN out leaves the way through that host open.
 */
#include "topology/lint/lint_parts.h"
#include "topology/lint/port_set.h"

/* One end of a rule that denies, which names a VLAN, and the other one; neither is a set. */
struct denial {
	struct linter *linter;
	const struct rule *rule;
	enum rule_side side; /* of `end` */
	const struct rule_end *end;
	const struct rule_end *other;
	struct rule_list *list; /* to be used again and again */
	const bool *vlan_sets;  /* of each set: whether it names a VLAN */
	const bool *passed;     /* of each host: whether logins pass it on their way */
};

/* A way that is open all the same: over a VLAN that both hosts are on. */
struct open_path {
	struct member near; /* a host of `end` */
	struct member far;  /* a host of `other` */
	uint16_t port;
};

/* Whether the ports of the rule, or some of them, are open between two points. */
static bool is_open_between(const struct denial *denial, const struct match_point *from,
			    const struct match_point *to, uint16_t *ret_port)
{
	struct linter *linter = denial->linter;
	struct port_set rest;

	port_set_init(&rest, denial->rule);
	budget_spend(&linter->budget, sizeof(rest.words) / sizeof(rest.words[0]) / 8);
	rule_query_match(&linter->to, to, denial->list);
	for (size_t i = 0; i < denial->list->count && rest.count; i++) {
		const struct rule *rule = &linter->topology->rules[denial->list->items[i]];

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
static bool is_open(const struct denial *denial, const struct member *from, const struct member *to,
		    uint16_t *ret_port)
{
	const struct interface *arriving = to->interface;
	const size_t count = arriving->address_count;

	for (size_t i = 0; i < (count ? count : 1) && !budget_is_spent(&denial->linter->budget);
	     i++) {
		const struct address *address = count ? &arriving->addresses[i] : NULL;
		const enum address_family family = address ? address->family : ADDRESS_NAME;
		struct match_point source = {from->host, from->interface->vlan, NULL};
		const struct match_point target = {to->host, arriving->vlan, address};

		if (match_source(denial->linter->topology, from->interface, family,
				 &source.address) &&
		    is_open_between(denial, &source, &target, ret_port))
			return true;
	}
	return false;
}

static bool has_address_in(const struct denial *denial, const struct interface *interface,
			   const struct cidr *range)
{
	for (size_t i = 0; i < interface->address_count; i++) {
		budget_spend(&denial->linter->budget, 1);
		if (cidr_contains(range, &interface->addresses[i]))
			return true;
	}
	return false;
}

/* Whether the other end means a host, be it by an interface that it has at the same time as this one. */
static bool is_meant(const struct denial *denial, const struct member *far)
{
	struct vlan_members_walk walk = {
		.vlan_members = &denial->linter->vlan_members, .host = far->host, .certain = true};
	const struct rule_end *other = denial->other;
	struct member member;

	if (other->kind == RULE_HOST)
		return other->host == far->host;
	while (vlan_members_next(&walk, &member)) {
		budget_spend(&denial->linter->budget, 1);
		if (!vlan_members_together(far, &member))
			continue;
		if (other->kind == RULE_VLAN && other->vlan == member.interface->vlan)
			return true;
		if (other->kind == RULE_CIDR &&
		    has_address_in(denial, member.interface, &other->cidr))
			return true;
	}
	return false;
}

/* Tries one host of the other end, which is on the VLAN of open->near, too. */
static bool try_far(const struct denial *denial, const struct member *far, struct open_path *open)
{
	const bool leaves = denial->side == RULES_FROM;

	open->far = *far;
	if (far->host == TOPOLOGY_NONE || far->host == open->near.host ||
	    denial->passed[leaves ? open->near.host : far->host] || !is_meant(denial, far))
		return false;
	if (leaves)
		return is_open(denial, &open->near, far, &open->port);
	return is_open(denial, far, &open->near, &open->port);
}

/* Tries the interfaces that a host has on a VLAN. */
static bool try_host(const struct denial *denial, size_t host, size_t vlan, struct open_path *open)
{
	struct vlan_members_walk walk = {
		.vlan_members = &denial->linter->vlan_members, .host = host, .certain = true};
	struct member member;

	while (vlan_members_next(&walk, &member) && budget_spend(&denial->linter->budget, 1)) {
		if (member.interface->vlan == vlan && try_far(denial, &member, open))
			return true;
	}
	return false;
}

/* Tries the members of a list on one VLAN that are on another one, too. */
static bool try_members(const struct denial *denial, const struct member_list *list, size_t listed,
			size_t vlan, struct open_path *open)
{
	size_t count;
	const struct member *members = vlan_members_on(list, listed, &count);

	for (size_t i = 0; i < count; i++) {
		if (!budget_spend(&denial->linter->budget, 1))
			return false;
		if (listed == vlan ? try_far(denial, &members[i], open)
				   : try_host(denial, members[i].host, vlan, open))
			return true;
	}
	return false;
}

/* Tries the hosts that are on a VLAN and that the other end means. */
static bool try_vlan(const struct denial *denial, size_t vlan, struct open_path *open)
{
	const struct vlan_members *vlan_members = &denial->linter->vlan_members;
	const struct rule_end *other = denial->other;
	size_t here, there;

	if (other->kind == RULE_HOST)
		return try_host(denial, other->host, vlan, open);
	if (other->kind != RULE_VLAN || other->vlan == vlan)
		return try_members(denial, &vlan_members->all, vlan, vlan, open);
	/* Such a host is on both VLANs: the shorter list will do. */
	vlan_members_on(&vlan_members->multihomed, vlan, &here);
	vlan_members_on(&vlan_members->multihomed, other->vlan, &there);
	return try_members(denial, &vlan_members->multihomed, here < there ? vlan : other->vlan,
			   vlan, open);
}

/* Tries a host of the end on the other VLANs that it can be on at the same time. */
static bool try_near(const struct denial *denial, const struct member *near, struct open_path *open)
{
	struct vlan_members_walk walk = {
		.vlan_members = &denial->linter->vlan_members, .host = near->host, .certain = true};

	if (near->host == TOPOLOGY_NONE)
		return false;
	while (vlan_members_next(&walk, &open->near) && budget_spend(&denial->linter->budget, 1)) {
		const size_t vlan = open->near.interface->vlan;

		if (vlan != denial->end->vlan && vlan_members_together(near, &open->near) &&
		    try_vlan(denial, vlan, open))
			return true;
	}
	return false;
}

static bool is_everything(const struct rule_end *end)
{
	return end->kind == RULE_ANY || (end->kind == RULE_CIDR && end->cidr.prefix == 0);
}

/* Finds a path that is open for an end that names a VLAN, on one side of a rule. */
static bool find_gap(struct denial *denial, enum rule_side side, const struct rule_end *end,
		     const struct rule_end *other, struct open_path *open)
{
	const struct vlan_members *vlan_members = &denial->linter->vlan_members;
	const struct member *members;
	size_t count;

	denial->side = side;
	denial->end = end;
	denial->other = other;
	/* Against anybody, a rule is about the VLAN, and not about hosts that are elsewhere, too. */
	if (is_everything(other) || end->kind != RULE_VLAN)
		return false;
	members = vlan_members_on(&vlan_members->multihomed, end->vlan, &count);
	for (size_t i = 0; i < count && budget_spend(&denial->linter->budget, 1); i++) {
		if (try_near(denial, &members[i], open))
			return true;
	}
	return false;
}

static void report(const struct denial *denial, const struct open_path *open)
{
	const struct topology *topology = denial->linter->topology;
	const bool leaves = denial->side == RULES_FROM;
	const char *from = topology->hosts[leaves ? open->near.host : open->far.host].name;
	const char *to = topology->hosts[leaves ? open->far.host : open->near.host].name;
	const char *vlan = topology->vlans[open->near.interface->vlan].name;
	struct diag *diag;

	if (denial->rule->port_count)
		diag = diag_lint(denial->linter->diags, LINT_TOOTHLESS, denial->rule->at,
				 "'%s' still reaches port %u of '%s': both are on VLAN '%s', too",
				 from, (unsigned)open->port, to, vlan);
	else
		diag = diag_lint(denial->linter->diags, LINT_TOOTHLESS, denial->rule->at,
				 "'%s' still reaches '%s': both are on VLAN '%s', too", from, to,
				 vlan);
	diag_help(denial->linter->diags, diag,
		  "if only that interface is meant, write HOST@VLAN, such as %s@%s; to keep '%s' "
		  "off, deny it on '%s', too, or name the hosts instead of VLANs",
		  topology->hosts[open->near.host].name, topology->vlans[denial->end->vlan].name,
		  from, vlan);
	diag->related = open->near.interface->at;
	diag->related_text = "it is on that VLAN here";
}

/* Looks for an open path on both sides of a rule, of whose ends these two are the whole or a member. */
static bool check_ends(struct denial *denial, const struct rule_end *from,
		       const struct rule_end *to)
{
	struct open_path open;

	budget_spend(&denial->linter->budget, 1);
	if (from->kind == RULE_HOST_AT_VLAN || to->kind == RULE_HOST_AT_VLAN)
		return false;
	if (!find_gap(denial, RULES_FROM, from, to, &open) &&
	    !find_gap(denial, RULES_TO, to, from, &open))
		return false;
	if (!budget_is_spent(&denial->linter->budget))
		report(denial, &open);
	return true;
}

/* Whether an end names a VLAN. What names hosts only is denied them wherever they are. */
static bool names_vlan(const struct denial *denial, const struct rule_end *end)
{
	if (end->kind == RULE_SET)
		return denial->vlan_sets[end->set];
	return end->kind == RULE_VLAN;
}

/* Reports the first open path. */
static void check_rule(struct denial *denial)
{
	size_t from_count, to_count;
	const struct rule_end *from =
		topology_ends(denial->linter->topology, &denial->rule->from, &from_count);
	const struct rule_end *to =
		topology_ends(denial->linter->topology, &denial->rule->to, &to_count);

	if (!names_vlan(denial, &denial->rule->from) && !names_vlan(denial, &denial->rule->to))
		return;
	for (size_t i = 0; i < from_count; i++) {
		for (size_t j = 0; j < to_count; j++) {
			if (check_ends(denial, &from[i], &to[j]) ||
			    budget_is_spent(&denial->linter->budget))
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
			found[i] |= set->ends[j].kind == RULE_VLAN;
	}
	return found;
}

static void mark_stop(bool *passed, const struct stop *stop)
{
	for (size_t i = 0; i < stop->count; i++)
		passed[stop->hosts[i]] = true;
}

/* Marks the hosts that logins pass: what the file says of an sshd, and where tunnels are led. */
static const bool *find_passed(const struct linter *linter)
{
	const struct topology *topology = linter->topology;
	bool *passed = arena_array(linter->scratch, topology->host_count, sizeof(*passed));

	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		passed[h] = host->ssh->stated && !host->ssh->none && host->jump != JUMP_NO;
	}
	for (size_t t = 0; t < topology->tunnel_count; t++) {
		const struct tunnel *tunnel = &topology->tunnels[t];

		for (size_t i = 0; i < tunnel->via_count; i++)
			mark_stop(passed, &tunnel->via[i]);
		mark_stop(passed, &tunnel->exit);
	}
	return passed;
}

void lint_ineffective_deny(struct linter *linter)
{
	const bool *vlan_sets = find_vlan_sets(linter);
	const bool *passed = find_passed(linter);
	struct rule_list list = {0};

	for (size_t i = 0; i < linter->topology->rule_count; i++) {
		struct denial denial = {
			.linter = linter,
			.rule = &linter->topology->rules[i],
			.list = &list,
			.vlan_sets = vlan_sets,
			.passed = passed,
		};

		if (!denial.rule->allow && !linter->reported[i])
			check_rule(&denial);
		if (budget_is_spent(&linter->budget))
			break;
	}
}
