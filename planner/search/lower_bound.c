#include "planner/search/lower_bound.h"

#include <stdlib.h>
#include <string.h>

#include "planner/search/change.h"
#include "planner/search/exits.h"
#include "topology/base/memory.h"

/* Nodes from which the rest of a path costs the same. There are few different costs. */
struct level {
	struct cost cost;
	struct level *next; /* the next dearer level */
	uint32_t *nodes;    /* from malloc(), until they are met */
	size_t count;
	size_t room;
	bool any_done; /* the rules that lead to any host were added */
};

/* So many levels are remembered by their costs. */
#define RECENT 16

/* The backward search over one leg. */
struct search {
	const struct goal *goal;
	const struct policy *policy;
	const struct network_index *network_index;
	const struct topology *topology;
	struct arena *arena;
	const bool *targets;     /* near misses: by host, whether an added rule may lead there */
	const uint8_t *trusts;   /* near misses: by host, the trust of its most trusted VLAN */
	const struct stop *from; /* where the leg begins: hosts of `via`; NULL: me */
	struct level *levels;    /* still to do, the cheapest first */
	struct level
		*recent[RECENT]; /* levels that were asked for, by a hash of the cost; or NULL */
	struct level *here;      /* what the rest costs behind the node whose turn it is */
	struct level *found;     /* the cheapest level on which the leg may begin; or NULL */
	uint16_t port;           /* of the host whose turn it is (network_index.h) */
	uint32_t *met;           /* lower_bound_leg.levels */
	struct cost *costs;
	size_t cost_count;
};

static struct level *level_of(struct search *search, const struct cost *cost)
{
	struct level **at = &search->levels, *level;
	uint32_t hash = 0;
	int order = 1;

	for (enum cost_part part = 0; part < COST_PARTS; part++)
		hash = hash * 31 + (uint32_t)cost->parts[part];
	level = search->recent[hash % RECENT];
	if (level && memcmp(&level->cost, cost, sizeof(*cost)) == 0)
		return level;
	while (*at && (order = cost_compare(&(*at)->cost, cost)) < 0)
		at = &(*at)->next;
	if (!*at || order != 0) {
		level = arena_alloc(search->arena, sizeof(*level));
		*level = (struct level){.cost = *cost, .next = *at};
		*at = level;
	}
	search->recent[hash % RECENT] = *at;
	return *at;
}

static struct level *after_changes(struct search *search, const struct level *level, int weight)
{
	struct cost cost = level->cost;

	cost.parts[COST_CHANGES] += weight;
	return level_of(search, &cost);
}

/* Whether the leg begins on a node. */
static bool is_first(const struct search *search, size_t node)
{
	return search->from ? stop_has(search->from, node) : node == search->goal->me;
}

static void put(struct search *search, size_t node, struct level *level)
{
	if (search->met[node])
		return;
	if (is_first(search, node) &&
	    (!search->found || cost_compare(&level->cost, &search->found->cost) < 0))
		search->found = level;
	level->nodes =
		memory_reserve(level->nodes, &level->room, level->count + 1, sizeof(*level->nodes));
	level->nodes[level->count++] = (uint32_t)node;
}

/* --- the least that a hop costs (label.c, change.c) */

/* Whether neither the sshd of a host nor a program there carries a hop on, and none is stitched. */
static bool carries_nothing(const struct search *search, size_t host)
{
	const enum tunnel_method method = search->goal->options->method;
	const unsigned traits = search->network_index->hosts[host].traits;

	return (traits & TRAIT_NO_FORWARD) && !(traits & TRAIT_RELAYS) &&
	       method != METHOD_STITCHED &&
	       !(method == METHOD_ANY && search->topology->hosts[host].key_count);
}

/* Whether a joint is on a host for sure: `method` says so, and the host has no keys (rule 13). */
static bool is_joint(const struct search *search, size_t host)
{
	return search->goal->options->method == METHOD_STITCHED &&
	       !search->topology->hosts[host].key_count;
}

/* Returns the level of what passing a host costs on top of the cost of `here`. */
static struct level *after_passing(struct search *search, size_t host)
{
	const struct goal *goal = search->goal;
	const struct indexed_host *at = &search->network_index->hosts[host];
	const bool end = host == goal->ingress_host || host == goal->egress.host;
	struct cost cost = search->here->cost;

	if (at->traits & TRAIT_NO_JUMP)
		cost.parts[COST_CHANGES] += change_weight(CHANGE_JUMP);
	if (carries_nothing(search, host))
		cost.parts[COST_CHANGES] += change_weight(CHANGE_SETTING);
	cost.parts[COST_AVOIDED] += (at->traits & TRAIT_AVOID) != 0;
	cost.parts[COST_RELAYS] += is_joint(search, host);
	if (is_joint(search, host) && goal->encrypted == SERVICE_CLEAR && !end)
		cost.parts[COST_EXPOSURE + at->trust]++;
	return level_of(search, &cost);
}

/* Puts a host from which a path may go on at the cost of `here`. */
static void put_host(void *context, size_t host)
{
	struct search *search = context;
	const unsigned traits = search->network_index->hosts[host].traits;
	const bool plain = !(traits & (TRAIT_NO_JUMP | TRAIT_NO_FORWARD | TRAIT_AVOID));

	if (search->met[host])
		return;
	if (host == search->goal->me) {
		if (!search->from)
			put(search, host, search->here);
		return;
	}
	if (search->policy->excludes(search->goal, host))
		return;
	if (!search->policy->changes && !plain &&
	    ((traits & TRAIT_NO_JUMP) || carries_nothing(search, host)))
		return;
	put(search, host,
	    plain && !is_joint(search, host) ? search->here : after_passing(search, host));
}

/* Returns the level behind which a hop to a host lies. */
static struct level *before_hop(struct search *search, struct level *level, size_t number)
{
	const struct goal *goal = search->goal;
	const struct indexed_host *host = &search->network_index->hosts[number];
	struct cost cost = level->cost;

	if (number == goal->egress.host && goal_excludes(goal, number, NULL, NULL))
		cost.parts[COST_CHANGES] += change_weight(CHANGE_STATE_SSH);
	cost.parts[COST_UNTRUSTED] += host->trust < TRUST_MEDIUM;
	cost.parts[COST_INTERACTIVE] += (host->traits & TRAIT_INTERACTIVE) &&
					(goal->unattended || goal->options->on_demand);
	cost.parts[COST_SHARED] += goal->shared && goal->shared[number];
	cost.parts[COST_HOPS]++;
	cost.parts[COST_ASSUMED] += (host->traits & TRAIT_ASSUMED) && !goal->any_login;
	return level_of(search, &cost);
}

/* Nodes: all hosts whose most trusted VLAN has that trust (exits.h). */
static size_t trusted_node(const struct search *search, uint8_t trust)
{
	return lower_bound_any(search->topology) + 1 + trust;
}

static void put_added_rules(struct search *search, size_t target)
{
	const struct reach_to sshd = reach_to_sshd(search->topology, target);
	struct added_rule added[TRUST_HIGH + 1] = {{0}};

	exits_added_rules(search->network_index, &sshd, search->arena, added);
	for (unsigned trust = TRUST_NONE; trust <= TRUST_HIGH; trust++)
		if (added[trust].weight)
			put(search, trusted_node(search, trust),
			    after_changes(search, search->here, added[trust].weight));
}

static void put_exit(void *context, size_t host, const struct cost *cost)
{
	put(context, host, level_of(context, cost));
}

/* --- what leads to a node */

/* Puts a rule that lets in to the port (0: to any of several), or would after a change. */
static void put_rule(struct search *search, const struct rule *rule, uint16_t port)
{
	const size_t node = lower_bound_rule(search->topology, rule);

	if (rule_index_lets_in(rule, port))
		put(search, node, search->here);
	else if (search->policy->changes && rule->allow && !change_leaves(search->goal, rule, port))
		put(search, node,
		    after_changes(search, search->here, change_weight(CHANGE_ADD_PORT)));
}

static void put_rule_to_host(void *context, const struct rule *rule)
{
	struct search *search = context;

	put_rule(search, rule, search->port);
}

/* A rule that leads to many hosts is asked for the port of ssh, unless some have others. */
static void put_rule_to_many(void *context, const struct rule *rule)
{
	struct search *search = context;

	put_rule(search, rule, search->network_index->odd_ports ? 0 : 22);
}

static void meet_host(struct search *search, size_t number)
{
	const struct network_index *network_index = search->network_index;
	const struct host *host = &search->topology->hosts[number];
	size_t count;
	const uint32_t *vlans = id_lists_of(&network_index->vlans_of, number, &count);

	if (number == search->goal->me)
		return;
	search->port = network_index->hosts[number].port;
	search->here = before_hop(search, search->here, number);
	for (size_t i = 0; i < count; i++)
		put(search, lower_bound_vlan(search->topology, vlans[i]), search->here);
	rule_index_visit_key(&network_index->rules, RULES_TO,
			     rule_key_host(search->topology, number), put_rule_to_host, search);
	if (!search->here->any_done)
		rule_index_visit_key(&network_index->rules, RULES_TO, RULE_KEY_ANY,
				     put_rule_to_many, search);
	search->here->any_done = true;
	if (network_index->hosts[number].traits & TRAIT_PUBLISHED)
		for (size_t i = 0; i < host->published_count; i++)
			if (host->published[i].vlan == TOPOLOGY_NONE)
				put_host(search, host->published[i].host);
	if (search->policy->changes && search->targets[number])
		put_added_rules(search, number);
}

/* Puts the hosts that leave by a VLAN, and the rules that lead to the VLAN or an address on it. */
static void meet_vlan(struct search *search, size_t vlan)
{
	const struct network_index *network_index = search->network_index;

	network_index_visit_vlan(network_index, vlan, put_host, search);
	rule_index_visit_key(&network_index->rules, RULES_TO, rule_key_vlan(vlan), put_rule_to_many,
			     search);
	for (unsigned family = ADDRESS_IPV4; family <= ADDRESS_IPV6; family++) {
		const struct address_bounds *bounds = network_index->bounds[family] + vlan;

		if (bounds->any)
			rule_index_visit_span(&network_index->rules, RULES_TO, family, bounds->low,
					      bounds->high, put_rule_to_many, search);
	}
}

static void meet_rule(struct search *search, const struct rule *rule)
{
	if (network_index_visit_end(search->network_index, &rule->from, put_host, search))
		put(search, lower_bound_any(search->topology), search->here);
}

static void meet(struct search *search, size_t node)
{
	const struct topology *topology = search->topology;
	const size_t vlans = lower_bound_vlan(topology, 0), any = lower_bound_any(topology);
	const size_t rules = lower_bound_vlan(topology, topology->vlan_count);

	if (node < vlans)
		meet_host(search, node);
	else if (node < rules)
		meet_vlan(search, node - vlans);
	else if (node < any)
		meet_rule(search, &topology->rules[node - rules]);
	else
		for (size_t h = 0; h < topology->host_count; h++)
			if (node == any || trusted_node(search, search->trusts[h]) == node)
				put_host(search, h);
}

/* --- legs */

/*
 * Meets the nodes of a level, which grows meanwhile: the hosts on a VLAN cost what the VLAN does.
 * When a host on which the leg begins is among them, the others need no visit: the bound of what was not met
 * is this level's cost.
 */
static void meet_level(struct search *search, struct level *level)
{
	*(struct cost *)arena_push(search->arena, &search->costs, &search->cost_count,
				   sizeof(*search->costs)) = level->cost;
	for (size_t i = 0; i < level->count && search->found != level; i++) {
		const size_t node = level->nodes[i];

		if (search->met[node])
			continue;
		search->met[node] = (uint32_t)search->cost_count;
		search->here = level;
		meet(search, node);
	}
}

/* Searches the leg behind the first `passed` hosts of `via`. Returns whether the leg has a path. */
static bool find_leg(struct search *search, const struct lower_bound *bound, size_t passed,
		     struct lower_bound_leg *leg)
{
	const struct goal *goal = search->goal;
	const size_t nodes = trusted_node(search, TRUST_HIGH) + 1;
	bool found = false;

	search->from = passed ? &goal->via[passed - 1] : NULL;
	search->levels = search->found = NULL;
	memset(search->recent, 0, sizeof(search->recent));
	search->costs = NULL;
	search->cost_count = 0;
	search->met = arena_array(search->arena, nodes, sizeof(*search->met));
	if (passed == goal->via_count)
		exits_visit(goal, search->policy, search->trusts, search->arena, put_exit, search);
	for (size_t i = 0; passed < goal->via_count && i < goal->via[passed].count; i++) {
		const size_t host = goal->via[passed].hosts[i];

		put(search, host, level_of(search, lower_bound_of(bound, passed + 1, host)));
	}
	for (; search->levels; search->levels = search->levels->next) {
		if (!found)
			meet_level(search, search->levels);
		found |= search->found == search->levels;
		free(search->levels->nodes);
	}
	if (found)
		*leg = (struct lower_bound_leg){search->met, search->costs,
						&search->costs[search->cost_count - 1]};
	return found;
}

void lower_bound_find(struct lower_bound *bound, const struct goal *goal,
		      const struct policy *policy, const bool *targets, struct arena *arena)
{
	struct lower_bound_leg *legs = arena_array(arena, goal->via_count + 1, sizeof(*legs));
	struct search search = {.goal = goal,
				.policy = policy,
				.network_index = goal->network_index,
				.topology = goal->network_index->topology,
				.arena = arena,
				.targets = targets};

	*bound = (struct lower_bound){.legs = legs};
	if (policy->changes)
		search.trusts = exits_trusts(goal->network_index, arena);
	for (size_t passed = goal->via_count + 1; passed-- > 0 && !bound->none;)
		bound->none = !find_leg(&search, bound, passed, &legs[passed]);
}
