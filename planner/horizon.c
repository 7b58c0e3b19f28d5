#include "planner/horizon.h"

#include "planner/permit.h"

/* What a hop to a host may cost, and what passing it may: bits of the host's traits, and one more. */
#define STEP_TRAITS (ATLAS_UNTRUSTED | ATLAS_INTERACTIVE)
#define PASS_TRAITS (ATLAS_AVOID | ATLAS_NO_FORWARD)
#define SHARED      1
#define KINDS       64

/* Nodes from which a way costs the same. */
struct bucket {
	struct cost cost;
	struct bucket *next; /* the next dearer one */
	uint32_t *nodes;
	size_t count;
	struct bucket
		*after[KINDS]; /* by traits: that with what they cost added, once it is known */
};

/* A look back. */
struct looking {
	const struct goal *goal;
	const struct atlas *atlas;
	const struct topology *topology;
	const bool *shared;
	bool *barred; /* by host: no way passes it */
	struct arena *arena;
	struct bucket
		*buckets;    /* those whose nodes are still to be looked at, the cheapest first */
	struct bucket *here; /* what it costs by the node that is being looked at, */
	const struct host *host; /* and the host that is */
	uint32_t *bounds;
	struct cost *values;
	size_t value_count;
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
	struct bucket **at = &looking->buckets, *bucket = *at;
	int order = -1;

	while (bucket && (order = cost_compare(&bucket->cost, cost)) < 0) {
		at = &bucket->next;
		bucket = *at;
	}
	if (bucket && order == 0)
		return bucket;
	bucket = arena_alloc(looking->arena, sizeof(*bucket));
	bucket->cost = *cost;
	bucket->next = *at;
	*at = bucket;
	return bucket;
}

static void put(struct looking *looking, size_t node, struct bucket *bucket)
{
	if (looking->bounds[node])
		return;
	*(uint32_t *)arena_push(looking->arena, &bucket->nodes, &bucket->count,
				sizeof(*bucket->nodes)) = (uint32_t)node;
}

/* Returns the bucket with what a hop costs at least to a host of such traits (label.c). */
static struct bucket *after_hop(struct looking *looking, struct bucket *from, unsigned traits)
{
	struct bucket *after = from->after[traits];
	const struct goal *goal = looking->goal;
	struct cost cost = from->cost;

	if (after)
		return after;
	cost.parts[COST_UNTRUSTED] += (traits & ATLAS_UNTRUSTED) != 0;
	cost.parts[COST_INTERACTIVE] +=
		(traits & ATLAS_INTERACTIVE) && (goal->unattended || goal->options->on_demand);
	cost.parts[COST_SHARED] += (traits & SHARED) != 0;
	cost.parts[COST_HOPS]++;
	after = find_bucket(looking, &cost);
	from->after[traits] = after;
	return after;
}

/* Returns the bucket with what it costs at least to pass a host of such traits. */
static struct bucket *after_passing(struct looking *looking, struct bucket *from, unsigned traits)
{
	struct bucket **after = &from->after[traits];
	struct cost cost = from->cost;

	if (traits == 0 || *after)
		return traits ? *after : from;
	cost.parts[COST_AVOIDED] += (traits & ATLAS_AVOID) != 0;
	cost.parts[COST_RELAYS] += (traits & ATLAS_NO_FORWARD) != 0;
	*after = find_bucket(looking, &cost);
	return *after;
}

/* --- who may have made a hop */

/* Whether a hop may go on from a host; where its sshd forwards nothing by a relay, or stitched. */
static bool may_pass(const struct looking *looking, size_t number, unsigned traits)
{
	const enum tunnel_method method = looking->goal->options->method;

	if (traits & (ATLAS_NO_SSH | ATLAS_NO_JUMP))
		return false;
	if (looking->barred[number] ||
	    looking->atlas->trusts[number] < looking->goal->options->min_trust)
		return false;
	return !(traits & ATLAS_NO_FORWARD) || (traits & ATLAS_RELAYS) ||
	       method == METHOD_STITCHED ||
	       (method == METHOD_ANY && looking->topology->hosts[number].key_count);
}

/* A way may go on from a host at the cost that is at hand. */
static void put_host(struct looking *looking, size_t number)
{
	const unsigned traits = looking->atlas->traits[number];

	if (looking->bounds[number])
		return;
	if (number == looking->goal->me)
		put(looking, number, looking->here);
	else if (may_pass(looking, number, traits))
		put(looking, number, after_passing(looking, looking->here, traits & PASS_TRAITS));
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
		put(looking, horizon_everyone(topology), looking->here);
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
		put(looking, horizon_rule(looking->topology, rule), looking->here);
}

/* By which port is not known where a rule leads to many. */
static void put_wide_rule(void *context, const struct rule *rule)
{
	static const struct ssh_login ssh = {.port = 22};
	static const struct host ordinary = {.ssh = &ssh};
	struct looking *looking = context;

	if (rulebook_lets_in(rule, &ordinary) || (rule->allow && looking->atlas->odd_ports))
		put(looking, horizon_rule(looking->topology, rule), looking->here);
}

/* Those who are published on it may be got to where that is, too. */
static void put_publications(struct looking *looking, const struct host *host)
{
	for (size_t i = 0; i < host->published_count; i++)
		if (host->published[i].vlan == TOPOLOGY_NONE)
			put_host(looking, host->published[i].host);
}

static void look_at_host(struct looking *looking, size_t number)
{
	const struct atlas *atlas = looking->atlas;
	const unsigned traits = atlas->traits[number];
	const unsigned shared = looking->shared && looking->shared[number] ? SHARED : 0;
	size_t count;
	const uint32_t *vlans = roll_of(&atlas->presence, number, &count);

	if (number == looking->goal->me)
		return;
	looking->host = &looking->topology->hosts[number];
	looking->here = after_hop(looking, looking->here, (traits & STEP_TRAITS) | shared);
	for (size_t i = 0; i < count; i++) {
		put(looking, horizon_vlan(looking->topology, vlans[i]), looking->here);
		rulebook_visit_vlan(&atlas->rules, BOOK_TO, vlans[i], put_rule, looking);
	}
	rulebook_visit_host(&atlas->rules, BOOK_TO, number, put_rule, looking);
	rulebook_visit_any(&atlas->rules, BOOK_TO, put_rule, looking);
	if (traits & ATLAS_PUBLISHED)
		put_publications(looking, looking->host);
}

/* All that leave by a VLAN, and who gets to an address on it. */
static void look_at_vlan(struct looking *looking, size_t vlan)
{
	const struct atlas *atlas = looking->atlas;

	put_members(looking, vlan);
	for (unsigned family = ADDRESS_IPV4; family <= ADDRESS_IPV6; family++) {
		const struct atlas_span *span = atlas->spans[family] + vlan;

		if (span->any)
			rulebook_visit_span(&atlas->rules, BOOK_TO, (uint8_t)family, span->low,
					    span->high, put_wide_rule, looking);
	}
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
		look_at_vlan(looking, node - vlans);
	else if (node < rules + topology->rule_count)
		put_end(looking, &topology->rules[node - rules].from);
	else
		look_at_everyone(looking);
}

/* Its own nodes may grow while they are looked at: what gets on by a VLAN costs the same. */
static void look_at_bucket(struct looking *looking, struct bucket *bucket)
{
	struct cost *value =
		arena_push(looking->arena, &looking->values, &looking->value_count, sizeof(*value));

	*value = bucket->cost;
	for (size_t i = 0; i < bucket->count; i++) {
		const size_t node = bucket->nodes[i];

		if (looking->bounds[node])
			continue;
		looking->bounds[node] = (uint32_t)looking->value_count;
		looking->here = bucket;
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
	/* What is inside the ingress's host does not count, and the way may end there. */
	if (goal->ingress_host == goal->me)
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
			put(looking, host, find_bucket(looking, &end.cost));
	}
	return !candidates.everywhere;
}

/* Bars the hosts of which the goal says by their names that no way passes them (goal_shuns()). */
static void bar(struct looking *looking)
{
	const struct goal *goal = looking->goal;
	const struct tunnel_options *options = goal->options;
	const size_t egress = goal->egress.host;

	looking->barred = arena_array(looking->arena, looking->topology->host_count,
				      sizeof(*looking->barred));
	for (size_t i = 0; i < options->avoid_host_count; i++)
		looking->barred[options->avoid_hosts[i]] = true;
	for (size_t i = 0; i < goal->without_count; i++)
		looking->barred[goal->without[i]] = true;
	if (egress != TOPOLOGY_NONE && egress < looking->topology->host_count &&
	    goal_shuns(goal, egress, NULL, NULL))
		looking->barred[egress] = true;
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

	bar(&looking);
	looking.bounds =
		arena_array(arena, horizon_everyone(topology) + 1, sizeof(*looking.bounds));
	if (!put_ends(&looking)) {
		*horizon = (struct horizon){.flat = least_anywhere(goal)};
		return;
	}
	for (; looking.buckets && !looking.bounds[goal->me];
	     looking.buckets = looking.buckets->next)
		look_at_bucket(&looking, looking.buckets);
	*horizon = (struct horizon){.bounds = looking.bounds, .values = looking.values};
	if (looking.values && looking.bounds[goal->me])
		horizon->farthest = looking.values[looking.value_count - 1];
	else
		horizon->none = true;
}
