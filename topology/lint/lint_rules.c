/*
 * L001: shadowed rules; L003: rules that make hosts of one VLAN unreachable for each other.
 *
 * Security groups deny inside a subnet, too. Who writes what they allow allows some connections inside
 * a VLAN, which only a rule that denies the other ones makes necessary: L003 is silent then.
 */
#include "topology/lint/lint_parts.h"
#include "topology/lint/port_set.h"

/* Lists the rules with numbers below `before` that match all that goes from one end to another. */
static void list_covering(struct linter *linter, const struct rule_end *from,
			  const struct rule_end *to, size_t before, struct rule_list *list)
{
	const bool by_from =
		rule_query_bound(&linter->from, from) < rule_query_bound(&linter->to, to);
	size_t kept = 0;

	if (by_from)
		rule_query_cover(&linter->from, from, before, list);
	else
		rule_query_cover(&linter->to, to, before, list);
	for (size_t i = 0; i < list->count && !budget_is_spent(&linter->budget); i++) {
		const struct rule *rule = &linter->topology->rules[list->items[i]];

		if (by_from ? subsume_end(&linter->subsume, &rule->to, to)
			    : subsume_end(&linter->subsume, &rule->from, from))
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

/* --- L001 */

/* What shadows a rule. */
struct shadow {
	const struct rule *rule; /* the one that does, or the last that it takes; NULL: none */
	bool alone;
	bool mixed; /* of several, some allow and some deny */
};

/* Whether each range of a rule is in one range of another. */
static bool ports_hold(struct budget *budget, const struct rule *outer, const struct rule *inner)
{
	if (outer->port_count == 0 || inner->port_count == 0)
		return outer->port_count == 0;
	for (size_t i = 0; i < inner->port_count; i++) {
		size_t j = 0;

		while (j < outer->port_count && (inner->ports[i].first < outer->ports[j].first ||
						 inner->ports[i].last > outer->ports[j].last))
			j++;
		if (!budget_spend(budget, j + 1) || j == outer->port_count)
			return false;
	}
	return true;
}

/* Finds a rule of the list that has all ports of one. */
static struct shadow find_alone(struct linter *linter, const struct rule_list *list,
				const struct rule *rule)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *other = &linter->topology->rules[list->items[i]];

		if (ports_hold(&linter->budget, other, rule))
			return (struct shadow){.rule = other, .alone = true};
	}
	return (struct shadow){0};
}

/* Finds the rules of the list that have all ports of one together. */
static struct shadow find_together(struct linter *linter, const struct rule_list *list,
				   const struct rule *rule)
{
	struct shadow shadow = {0};
	struct port_set rest;
	size_t takers = 0;

	port_set_init(&rest, rule);
	for (size_t i = 0; i < list->count && rest.count && !budget_is_spent(&linter->budget);
	     i++) {
		const struct rule *other = &linter->topology->rules[list->items[i]];

		if (!port_set_take(&rest, other, &linter->budget))
			continue;
		shadow.mixed |= takers && other->allow != shadow.rule->allow;
		shadow.rule = other;
		takers++;
	}
	shadow.alone = takers == 1;
	if (rest.count)
		shadow.rule = NULL;
	return shadow;
}

static void report_shadowed(struct linter *linter, const struct rule *rule,
			    const struct shadow *shadow)
{
	const bool same = shadow->rule->allow == rule->allow && !shadow->mixed;
	const char *verb = shadow->mixed ? "decide about" : shadow->rule->allow ? "allow" : "deny";
	struct diag *diag;

	if (shadow->alone)
		diag = diag_lint(linter->diags, LINT_SHADOWED, rule->at,
				 "this rule never matches: a rule before it %s all of that",
				 shadow->rule->allow ? "allows" : "denies");
	else
		diag = diag_lint(linter->diags, LINT_SHADOWED, rule->at,
				 "this rule never matches: rules before it %s all of that", verb);
	diag->related = shadow->rule->at;
	diag->related_text = shadow->alone ? "this rule" : "the last of these rules";
	diag->help = same ? "drop it" : "move it up if it matters, else remove it";
}

void lint_shadowed(struct linter *linter)
{
	const struct topology *topology = linter->topology;
	struct rule_list list = {0};

	for (size_t i = 0; i < topology->rule_count && !budget_is_spent(&linter->budget); i++) {
		const struct rule *rule = &topology->rules[i];
		struct shadow shadow;

		list_covering(linter, &rule->from, &rule->to, i, &list);
		if (list.count == 0)
			continue;
		shadow = find_alone(linter, &list, rule);
		if (!shadow.rule)
			shadow = find_together(linter, &list, rule);
		if (budget_is_spent(&linter->budget))
			break;
		if (!shadow.rule)
			continue;
		report_shadowed(linter, rule, &shadow);
		linter->reported[i] = true;
	}
}

/* --- L003 */

static bool denies_everything(struct linter *linter, const struct rule *rule)
{
	return !rule->allow && rule->from.kind == RULE_ANY && rule->to.kind == RULE_ANY &&
	       port_set_is_all(rule, &linter->budget);
}

/* Whether two hosts are on a VLAN. */
static bool has_neighbours(const struct linter *linter, size_t vlan)
{
	size_t count;
	const struct member *members = vlan_members_on(&linter->vlan_members.all, vlan, &count);

	for (size_t i = 1; i < count; i++) {
		if (members[i].host != members[0].host)
			return true;
	}
	return false;
}

/* Whether a rule before number `before` allows all that stays within a VLAN. */
static bool is_allowed_inside(struct linter *linter, size_t vlan, size_t before,
			      struct rule_list *list)
{
	const struct rule_end end = {.kind = RULE_VLAN, .vlan = vlan};

	list_covering(linter, &end, &end, before, list);
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &linter->topology->rules[list->items[i]];

		if (rule->allow && port_set_is_all(rule, &linter->budget))
			return true;
	}
	return false;
}

/* The hosts of a VLAN that an end of a rule means: the first one, and whether there is another one. */
struct meant {
	size_t host;
	size_t count; /* 0, 1 or 2: more do not matter */
};

static void add_meant(struct linter *linter, const struct rule_end *end,
		      const struct member *member, struct meant *meant)
{
	const struct interface *interface = member->interface;
	const struct match_point point = {member->host, interface->vlan,
					  interface->address_count ? interface->addresses : NULL};

	budget_spend(&linter->budget, match_cost(linter->topology, end, &point));
	if (meant->count == 2 || (meant->count == 1 && meant->host == member->host) ||
	    !match_end(linter->topology, end, &point))
		return;
	meant->host = member->host;
	meant->count++;
}

/* Whether a rule is about a connection between two hosts of a VLAN. */
static bool is_about_inside(struct linter *linter, const struct rule *rule, size_t vlan)
{
	size_t count;
	const struct member *members = vlan_members_on(&linter->vlan_members.all, vlan, &count);
	struct meant from = {0}, to = {0};

	for (size_t i = 0; i < count && !budget_is_spent(&linter->budget); i++) {
		add_meant(linter, &rule->from, &members[i], &from);
		add_meant(linter, &rule->to, &members[i], &to);
	}
	return from.count && to.count && (from.count + to.count > 2 || from.host != to.host);
}

/*
 * Whether a rule before number `before` allows something inside a VLAN: then what it leaves out is meant
 * to be denied. A rule about everybody says nothing of VLANs.
 */
static bool is_inside_meant(struct linter *linter, size_t before)
{
	const struct topology *topology = linter->topology;

	for (size_t i = 0; i < before; i++) {
		const struct rule *rule = &topology->rules[i];

		if (!rule->allow || (rule->from.kind == RULE_ANY && rule->to.kind == RULE_ANY))
			continue;
		for (size_t vlan = 0; vlan < topology->vlan_count; vlan++) {
			if (!budget_spend(&linter->budget, 1) ||
			    is_about_inside(linter, rule, vlan))
				return true;
		}
	}
	return false;
}

/* Finds a VLAN that a rule cuts off inside, or TOPOLOGY_NONE. */
static size_t find_cut(struct linter *linter, size_t rule)
{
	struct rule_list list = {0};
	size_t vlan = 0;

	while (vlan < linter->topology->vlan_count && budget_spend(&linter->budget, 1) &&
	       (!has_neighbours(linter, vlan) || is_allowed_inside(linter, vlan, rule, &list)))
		vlan++;
	if (vlan == linter->topology->vlan_count || budget_is_spent(&linter->budget))
		return TOPOLOGY_NONE;
	return vlan;
}

void lint_cuts_inside(struct linter *linter)
{
	const struct topology *topology = linter->topology;
	size_t rule = 0, vlan;
	struct diag *diag;

	while (rule < topology->rule_count && !denies_everything(linter, &topology->rules[rule]))
		rule++;
	if (rule == topology->rule_count)
		return;
	vlan = find_cut(linter, rule);
	if (vlan == TOPOLOGY_NONE || is_inside_meant(linter, rule))
		return;
	linter->reported[rule] = true;
	diag = diag_lint(linter->diags, LINT_CUTS_INSIDE, topology->rules[rule].at,
			 "this rule also denies what stays within VLAN '%s'",
			 topology->vlans[vlan].name);
	diag->related = topology->vlans[vlan].at;
	diag->related_text = "without the rule, its hosts reach each other";
	diag->help = "drop it: what crosses VLANs is denied anyway, unless a rule allows it";
}
