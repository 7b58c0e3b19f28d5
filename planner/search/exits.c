#include "planner/search/exits.h"

#include "planner/search/change.h"

/* Where a destination can be dialled from other hosts. */
struct point {
	struct match_point at;
	uint16_t port;
};

struct points {
	struct arena *arena;
	struct point *items;
	size_t count;
};

/* --- destinations */

/* Adds a point of a destination (NULL: the host's name alone). */
static void add_point(struct points *points, const struct reach_to *to, size_t vlan,
		      const struct address *address, uint16_t port)
{
	*(struct point *)arena_push(points->arena, &points->items, &points->count,
				    sizeof(*points->items)) =
		(struct point){{to->host, vlan, address}, port};
}

static struct points points_of(const struct topology *topology, const struct reach_to *to,
			       struct arena *arena)
{
	const struct host *host = to->outside ? NULL : &topology->hosts[to->host];
	const size_t interfaces = host ? host->interface_count : 0;
	struct points points = {.arena = arena};

	if (to->outside)
		add_point(&points, to, to->outside_vlan, to->outside, to->port);
	for (size_t i = 0; i < interfaces; i++) {
		const struct interface *on = &host->interfaces[i];

		for (size_t a = 0; a < on->address_count; a++)
			add_point(&points, to, on->vlan, &on->addresses[a], to->port);
		if (on->address_count == 0)
			add_point(&points, to, on->vlan, NULL, to->port);
	}
	for (size_t i = 0; i < to->published_count; i++) {
		const struct publication *at = &to->published[i];

		if (at->vlan != TOPOLOGY_NONE)
			add_point(&points, to, at->vlan, &at->address, at->port);
	}
	return points;
}

/* Returns the rule that decides about a host that only rules about any host match. */
static const struct rule *rule_for_any(const struct network_index *network_index,
				       const struct point *point)
{
	static const struct match_point any = {TOPOLOGY_NONE, TOPOLOGY_NONE, NULL};

	return rule_index_match(&network_index->rules, &any, &point->at, point->port);
}

/* --- added rules */

const uint8_t *exits_trusts(const struct network_index *network_index, struct arena *arena)
{
	const struct topology *topology = network_index->topology;
	uint8_t *trusts = arena_array(arena, topology->host_count, sizeof(*trusts));

	for (size_t h = 0; h < topology->host_count; h++) {
		size_t count;
		const uint32_t *vlans = id_lists_of(&network_index->vlans_of, h, &count);

		for (size_t i = 0; i < count; i++)
			if (reach_vlan_trust(topology, vlans[i]) > trusts[h])
				trusts[h] = reach_vlan_trust(topology, vlans[i]);
	}
	return trusts;
}

static void keep_least(struct added_rule *best, struct added_rule one)
{
	one.any_wire = best->any_wire > one.wire ? best->any_wire : one.wire;
	if (best->weight &&
	    (best->weight < one.weight || (best->weight == one.weight && best->wire > one.wire))) {
		one.weight = best->weight;
		one.wire = best->wire;
	}
	*best = one;
}

/* Nobody is trusted more than the most trusted VLAN makes a host, so the true step is no smaller. */
void exits_added_rules(const struct network_index *network_index, const struct reach_to *to,
		       struct arena *arena, struct added_rule added[TRUST_HIGH + 1])
{
	const struct points points = points_of(network_index->topology, to, arena);

	for (size_t i = 0; i < points.count; i++) {
		const struct rule *rule = rule_for_any(network_index, &points.items[i]);
		const uint8_t there =
			reach_vlan_trust(network_index->topology, points.items[i].at.vlan);

		for (unsigned trust = TRUST_NONE; trust <= TRUST_HIGH; trust++) {
			const int step = there > trust ? there - trust : 0;

			keep_least(&added[trust],
				   (struct added_rule){
					   .weight = rule && !rule->allow
							     ? change_weight(CHANGE_PRECEDE)
							     : change_weight(CHANGE_ALLOW) + step,
					   .wire = there < trust ? there : trust,
				   });
		}
	}
}

/* --- where a path may end */

struct exits {
	const struct goal *goal;
	const struct policy *policy;
	bool *known; /* by host: it was asked */
	bool any;    /* a rule lets any host dial the egress */
	bool port;   /* if so: such a rule may have the egress's port */
	void (*visit)(void *context, size_t host, const struct cost *cost);
	void *context; /* visit's */
};

/* Asks one host what ending there costs. */
static void ask(void *context, size_t host)
{
	struct exits *exits = context;
	struct goal_end end;

	if (exits->known[host] || host == exits->goal->me)
		return;
	exits->known[host] = true;
	if (!exits->policy->excludes(exits->goal, host) &&
	    exits->policy->can_end(exits->goal, host, &end))
		exits->visit(exits->context, host, &end.cost);
}

static void ask_by_rule(void *context, const struct rule *rule)
{
	struct exits *exits = context;
	const struct reach_to *egress = &exits->goal->egress;

	if (!rule->allow ||
	    !network_index_visit_end(exits->goal->network_index, &rule->from, ask, exits))
		return;
	exits->any = true;
	exits->port |= egress->published_count || match_port(rule, egress->port);
}

/* Asks the hosts on the egress's VLANs, and the hosts that a rule names that leads to the egress. */
static void ask_likely(struct exits *exits, const struct points *points)
{
	const struct network_index *network_index = exits->goal->network_index;
	const struct rule_index *rules = &network_index->rules;
	const struct reach_to *egress = &exits->goal->egress;

	for (size_t i = 0; i < points->count; i++) {
		const struct match_point *at = &points->items[i].at;

		if (at->vlan != TOPOLOGY_NONE)
			network_index_visit_vlan(network_index, at->vlan, ask, exits);
		if (at->address)
			rule_index_visit_address(rules, RULES_TO, at->vlan, at->address,
						 ask_by_rule, exits);
	}
	if (egress->outside) {
		rule_index_visit_key(rules, RULES_TO, RULE_KEY_ANY, ask_by_rule, exits);
		return;
	}
	ask(exits, egress->host);
	rule_index_visit(rules, RULES_TO, egress->host, ask_by_rule, exits);
	for (size_t i = 0; i < egress->published_count; i++)
		if (egress->published[i].vlan == TOPOLOGY_NONE)
			ask(exits, egress->published[i].host);
}

/* Visits all other hosts, at the least cost of ending there. */
static void visit_others(struct exits *exits, const uint8_t *trusts, struct arena *arena)
{
	const struct goal *goal = exits->goal;
	const struct network_index *network_index = goal->network_index;
	struct added_rule added[TRUST_HIGH + 1] = {{0}};

	exits_added_rules(network_index, &goal->egress, arena, added);
	/* Inside the ingress's host nothing is exposed. */
	if (goal->ingress_host != TOPOLOGY_NONE)
		ask(exits, goal->ingress_host);
	for (size_t h = 0; h < network_index->topology->host_count; h++) {
		const struct added_rule *by = &added[trusts[h]];
		struct cost cost = {{0}};

		if (exits->known[h] || h == goal->me || !by->weight ||
		    exits->policy->excludes(goal, h))
			continue;
		if (!exits->port)
			cost.parts[COST_CHANGES] =
				exits->any ? change_weight(CHANGE_ADD_PORT) : by->weight;
		if (goal->encrypted == SERVICE_CLEAR && !goal_is_inside(goal, h)) {
			cost.parts[COST_EXPOSURE + network_index->hosts[h].trust]++;
			cost.parts[COST_EXPOSURE + (exits->any ? by->any_wire : by->wire)]++;
		}
		exits->visit(exits->context, h, &cost);
	}
}

void exits_visit(const struct goal *goal, const struct policy *policy, const uint8_t *trusts,
		 struct arena *arena,
		 void (*visit)(void *context, size_t host, const struct cost *cost), void *context)
{
	const struct topology *topology = goal->network_index->topology;
	const struct reach_to *egress = &goal->egress;
	struct exits exits = {.goal = goal, .policy = policy, .visit = visit, .context = context};
	struct points points;

	exits.known = arena_array(arena, topology->host_count, sizeof(*exits.known));
	if (goal->end != TOPOLOGY_NONE)
		ask(&exits, goal->end);
	for (size_t i = 0; goal->end == TOPOLOGY_NONE && i < goal->exit.count; i++)
		ask(&exits, goal->exit.hosts[i]);
	if (goal_names_ends(goal))
		return;
	points = points_of(topology, egress, arena);
	/* What is in no VLAN is open to all hosts, unless a rule denies it; each host has a loopback. */
	if (egress->own) {
		exits.any = exits.port = true;
	} else if (egress->outside && egress->outside_vlan == TOPOLOGY_NONE) {
		const struct rule *rule = rule_for_any(goal->network_index, points.items);

		exits.any = exits.port = !rule || rule->allow;
	}
	ask_likely(&exits, &points);
	if (policy->changes || exits.port)
		visit_others(&exits, trusts ? trusts : exits_trusts(goal->network_index, arena),
			     arena);
}
