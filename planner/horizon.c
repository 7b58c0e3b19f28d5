#include "planner/horizon.h"

#include "planner/permit.h"

/* Nodes from which a way costs the same. */
struct bucket {
	struct cost cost;
	struct bucket *next; /* the next dearer one */
	uint32_t *nodes;
	size_t count;
};

/* A look back. */
struct looking {
	const struct goal *goal;
	const struct atlas *atlas;
	const struct topology *topology;
	const bool *shared;
	struct arena *arena;
	struct bucket *buckets; /* those whose nodes are still to be looked at, the cheapest first */
	struct bucket *last;    /* the one that got a node last */
	uint32_t *bounds;
	struct cost *values;
	size_t value_count;
	struct cost here;        /* what it costs by the node that is being looked at */
	const struct host *host; /* and which host that is */
};

size_t horizon_vlan(const struct topology *topology, size_t vlan)
{
	return topology->host_count + vlan;
}

size_t horizon_rule(const struct topology *topology, const struct rule *rule)
{
	return topology->host_count + topology->vlan_count + (size_t)(rule - topology->rules);
}

size_t horizon_everyone(const struct topology *topology)
{
	return topology->host_count + topology->vlan_count + topology->rule_count;
}

/* --- the nodes to come: few costs differ, so that they are a list */

static struct bucket *find_bucket(struct looking *looking, const struct cost *cost)
{
	struct bucket **at = &looking->buckets, *bucket;
	int order = -1;

	if (looking->last && cost_compare(&looking->last->cost, cost) == 0)
		return looking->last;
	while (*at && (order = cost_compare(&(*at)->cost, cost)) < 0)
		at = &(*at)->next;
	if (!*at || order > 0) {
		bucket = arena_alloc(looking->arena, sizeof(*bucket));
		*bucket = (struct bucket){.cost = *cost, .next = *at};
		*at = bucket;
	}
	looking->last = *at;
	return *at;
}

static void put(struct looking *looking, size_t node, const struct cost *cost)
{
	struct bucket *bucket;

	if (looking->bounds[node])
		return;
	bucket = find_bucket(looking, cost);
	*(uint32_t *)arena_push(looking->arena, &bucket->nodes, &bucket->count,
				sizeof(*bucket->nodes)) = (uint32_t)node;
}

/* --- who may have made a hop */

/* Whether an sshd that forwards nothing leaves a way to go on, and whether it takes a relay. */
static bool may_pass(const struct goal *goal, const struct host *host, bool *ret_nested)
{
	const bool stitched = goal->options->method != METHOD_NESTED &&
			      (host->key_count || goal->options->method == METHOD_STITCHED);

	*ret_nested = permit_open_some(host).granted;
	return host->jump != JUMP_NO && (*ret_nested || host->relay || stitched);
}

/* A way may go on from a host at the cost that is at hand. */
static void put_host(struct looking *looking, size_t number)
{
	const struct host *host = &looking->topology->hosts[number];
	struct cost cost = looking->here;
	bool nested;

	if (looking->bounds[number])
		return;
	if (number != looking->goal->me) {
		if (goal_shuns(looking->goal, number, NULL, NULL) ||
		    !may_pass(looking->goal, host, &nested))
			return;
		cost.parts[COST_AVOIDED] += host->jump == JUMP_AVOID;
		cost.parts[COST_RELAYS] += !nested;
	}
	put(looking, number, &cost);
}

static void put_members(struct looking *looking, size_t vlan)
{
	size_t count;
	const uint32_t *members = roll_of(&looking->atlas->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		put_host(looking, members[i]);
}

static void put_range(struct looking *looking, const struct cidr *range)
{
	const size_t host_count = looking->topology->host_count;
	size_t count;
	const struct ranges_entry *entries = ranges_in(&looking->atlas->ranges, range, &count);

	for (size_t i = 0; i < count; i++)
		if (entries[i].number < host_count)
			put_host(looking, entries[i].number);
		else
			put_members(looking, entries[i].number - host_count);
}

/* All hosts from which a connection that an end of a rule lets through may come. */
static void put_end(struct looking *looking, const struct rule_end *end)
{
	const struct topology *topology = looking->topology;

	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		put_host(looking, end->host);
		return;
	case RULE_VLAN:
		put_members(looking, end->vlan);
		return;
	case RULE_SET:
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			put_end(looking, &topology->sets[end->set].ends[i]);
		return;
	case RULE_ANY:
		put(looking, horizon_everyone(topology), &looking->here);
		return;
	case RULE_CIDR:
		put_range(looking, &end->cidr);
		return;
	}
}

/* --- what may have led to a host */

static void put_rule(void *context, const struct rule *rule)
{
	struct looking *looking = context;

	if (rulebook_lets_in(rule, looking->host))
		put(looking, horizon_rule(looking->topology, rule), &looking->here);
}

static void put_publications(struct looking *looking, const struct publication *published,
			     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (published[i].vlan == TOPOLOGY_NONE)
			put_host(looking, published[i].host);
		else
			put(looking, horizon_vlan(looking->topology, published[i].vlan),
			    &looking->here);
}

/* Adds what the hop to a host costs at least (label.c). */
static void add_hop(const struct looking *looking, size_t number, struct cost *cost)
{
	const struct goal *goal = looking->goal;
	const struct host *host = &looking->topology->hosts[number];

	if (host->ssh->interactive && (goal->unattended || goal->options->on_demand))
		cost->parts[COST_INTERACTIVE]++;
	cost->parts[COST_UNTRUSTED] += host->trust < TRUST_MEDIUM;
	cost->parts[COST_HOPS]++;
	cost->parts[COST_SHARED] += looking->shared && looking->shared[number];
}

static void look_at_host(struct looking *looking, size_t number)
{
	const struct host *host = &looking->topology->hosts[number];

	if (number == looking->goal->me)
		return;
	looking->host = host;
	add_hop(looking, number, &looking->here);
	for (size_t i = 0; i < host->interface_count; i++)
		put(looking, horizon_vlan(looking->topology, host->interfaces[i].vlan),
		    &looking->here);
	put_publications(looking, host->published, host->published_count);
	rulebook_visit(&looking->atlas->rules, BOOK_TO, number, put_rule, looking);
}

static void look_at_everyone(struct looking *looking)
{
	for (size_t h = 0; h < looking->topology->host_count; h++)
		put_host(looking, h);
}

static void look_at(struct looking *looking, size_t node)
{
	const struct topology *topology = looking->topology;
	const size_t vlans = topology->host_count, rules = vlans + topology->vlan_count;

	if (node < vlans)
		look_at_host(looking, node);
	else if (node < rules)
		put_members(looking, node - vlans);
	else if (node < rules + topology->rule_count)
		put_end(looking, &topology->rules[node - rules].from);
	else
		look_at_everyone(looking);
}

/* Its own nodes may grow while they are looked at: what gets on by a VLAN costs the same. */
static void look_at_bucket(struct looking *looking, const struct bucket *bucket)
{
	struct cost *value = arena_push(looking->arena, &looking->values, &looking->value_count,
					sizeof(*value));

	*value = bucket->cost;
	for (size_t i = 0; i < bucket->count; i++) {
		const size_t node = bucket->nodes[i];

		if (looking->bounds[node])
			continue;
		looking->bounds[node] = (uint32_t)looking->value_count;
		looking->here = bucket->cost;
		look_at(looking, node);
	}
}

/* --- where ways can end */

/* The hosts that may open the egress. */
struct candidates {
	const struct atlas *atlas;
	struct arena *arena;
	bool *known; /* by host */
	uint32_t *hosts;
	size_t count;
	bool everywhere; /* any host may */
};

static void find(struct candidates *candidates, size_t host)
{
	if (candidates->known[host])
		return;
	candidates->known[host] = true;
	*(uint32_t *)arena_push(candidates->arena, &candidates->hosts, &candidates->count,
				sizeof(*candidates->hosts)) = (uint32_t)host;
}

static void find_members(struct candidates *candidates, size_t vlan)
{
	size_t count;
	const uint32_t *members = roll_of(&candidates->atlas->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		find(candidates, members[i]);
}

static void find_range(struct candidates *candidates, const struct cidr *range)
{
	const size_t host_count = candidates->atlas->topology->host_count;
	size_t count;
	const struct ranges_entry *entries = ranges_in(&candidates->atlas->ranges, range, &count);

	for (size_t i = 0; i < count; i++)
		if (entries[i].number < host_count)
			find(candidates, entries[i].number);
		else
			find_members(candidates, entries[i].number - host_count);
}

static void find_end(struct candidates *candidates, const struct rule_end *end)
{
	const struct topology *topology = candidates->atlas->topology;

	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		find(candidates, end->host);
		return;
	case RULE_VLAN:
		find_members(candidates, end->vlan);
		return;
	case RULE_SET:
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			find_end(candidates, &topology->sets[end->set].ends[i]);
		return;
	case RULE_ANY:
		candidates->everywhere = true;
		return;
	case RULE_CIDR:
		find_range(candidates, &end->cidr);
		return;
	}
}

static void find_by_rule(void *context, const struct rule *rule)
{
	if (rule->allow)
		find_end(context, &rule->from);
}

static void find_by_publication(struct candidates *candidates, const struct publication *published)
{
	if (published->vlan == TOPOLOGY_NONE) {
		find(candidates, published->host);
		return;
	}
	find_members(candidates, published->vlan);
	rulebook_visit_address(&candidates->atlas->rules, BOOK_TO, published->vlan,
			       &published->address, find_by_rule, candidates);
}

static void find_diallers(struct candidates *candidates, const struct reach_to *egress)
{
	const struct atlas *atlas = candidates->atlas;
	const struct host *host;

	if (egress->outside) {
		candidates->everywhere = true;
		return;
	}
	host = &atlas->topology->hosts[egress->host];
	find(candidates, egress->host);
	for (size_t i = 0; i < host->interface_count; i++)
		find_members(candidates, host->interfaces[i].vlan);
	for (size_t i = 0; i < egress->published_count; i++)
		find_by_publication(candidates, &egress->published[i]);
	rulebook_visit(&atlas->rules, BOOK_TO, egress->host, find_by_rule, candidates);
}

/* What an end on any host costs at least. */
static struct cost least_anywhere(const struct goal *goal)
{
	struct cost cost = {{0}};
	const size_t vlan = goal->egress.outside_vlan;
	const struct vlan *vlans = goal->atlas->topology->vlans;

	if (goal->kind != GOAL_EGRESS || goal->encrypted != SERVICE_CLEAR || !goal->egress.outside)
		return cost;
	cost.parts[COST_EXPOSURE + goal->atlas->best_trust]++;
	if (vlan == TOPOLOGY_NONE)
		cost.parts[COST_EXPOSURE + TRUST_NONE]++;
	else
		cost.parts[COST_EXPOSURE + vlans[vlan].trust]++;
	return cost;
}

/* Puts those on which the way really can end. Returns false if it might be anywhere. */
static bool put_ends(struct looking *looking)
{
	const struct goal *goal = looking->goal;
	struct candidates candidates = {.atlas = looking->atlas, .arena = looking->arena};

	candidates.known = arena_array(looking->arena, looking->topology->host_count,
				       sizeof(*candidates.known));
	if (goal->end != TOPOLOGY_NONE || goal->exit != TOPOLOGY_NONE)
		find(&candidates, goal->end != TOPOLOGY_NONE ? goal->end : goal->exit);
	else
		find_diallers(&candidates, &goal->egress);
	for (size_t i = 0; i < candidates.count && !candidates.everywhere; i++) {
		const size_t host = candidates.hosts[i];
		struct goal_end end;

		if (goal_shuns(goal, host, NULL, NULL))
			continue;
		end = goal_end(goal, host);
		if (end.open)
			put(looking, host, &end.cost);
	}
	return !candidates.everywhere;
}

void horizon_look(struct horizon *horizon, const struct goal *goal, const bool *shared,
		  struct arena *arena)
{
	const struct topology *topology = goal->atlas->topology;
	struct looking looking = {.goal = goal,
				  .atlas = goal->atlas,
				  .topology = topology,
				  .shared = shared,
				  .arena = arena};

	looking.bounds =
		arena_array(arena, horizon_everyone(topology) + 1, sizeof(*looking.bounds));
	if (!put_ends(&looking)) {
		*horizon = (struct horizon){.flat = least_anywhere(goal)};
		return;
	}
	for (; looking.buckets; looking.buckets = looking.buckets->next)
		look_at_bucket(&looking, looking.buckets);
	*horizon = (struct horizon){.bounds = looking.bounds, .values = looking.values};
	horizon->none = looking.bounds[goal->me] == 0;
}
