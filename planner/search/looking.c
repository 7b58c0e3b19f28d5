#include "planner/search/looking.h"

#include <stdlib.h>

#include "planner/search/change.h"
#include "planner/search/strangers.h"
#include "topology/base/memory.h"

size_t looking_strangers(const struct topology *topology, enum trust trust)
{
	return horizon_everyone(topology) + 1 + trust;
}

size_t looking_ends(const struct topology *topology, unsigned kind)
{
	return looking_strangers(topology, TRUST_HIGH) + 1 + kind;
}

/* --- the nodes to come: few costs differ, so that they are a list */

struct bucket *looking_bucket(struct looking *looking, const struct cost *cost)
{
	const struct cost hops = {.parts = {[COST_HOPS] = cost->parts[COST_HOPS]}};
	struct bucket **at = &looking->buckets, *bucket = *at;
	int order = -1;

	if (looking->hops_alone)
		cost = &hops;
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

struct bucket *looking_after_changes(struct looking *looking, const struct bucket *from, int weight)
{
	struct cost cost = from->cost;

	cost.parts[COST_CHANGES] += weight;
	return looking_bucket(looking, &cost);
}

/* Returns the bucket of those that make a hop to a host, at the least cost of that (label.c). */
static struct bucket *after_hop(struct looking *looking, const struct bucket *from, size_t number)
{
	const struct goal *goal = looking->goal;
	const struct indexed_host *host = &looking->network_index->hosts[number];
	const bool unstated = looking->mending && number == goal->egress.host &&
			      goal_excludes(goal, number, NULL, NULL);
	struct cost cost = from->cost;

	cost.parts[COST_CHANGES] += unstated ? WEIGHT_STATE_SSH : 0;
	cost.parts[COST_UNTRUSTED] += host->trust < TRUST_MEDIUM;
	cost.parts[COST_INTERACTIVE] += (host->traits & TRAIT_INTERACTIVE) &&
					(goal->unattended || goal->options->on_demand);
	cost.parts[COST_SHARED] += goal->shared && goal->shared[number];
	cost.parts[COST_HOPS]++;
	return looking_bucket(looking, &cost);
}

/* --- who may have made a hop */

/* Whether the sshd of a host forwards nothing, and no hop goes on from it by a relay, or stitched. */
static bool is_stuck(const struct looking *looking, size_t number, unsigned traits)
{
	const enum tunnel_method method = looking->goal->options->method;

	return (traits & TRAIT_NO_FORWARD) && !(traits & TRAIT_RELAYS) &&
	       method != METHOD_STITCHED &&
	       !(method == METHOD_ANY && looking->topology->hosts[number].key_count);
}

/* Whether a hop may go on from a host, or could after changes. */
static bool may_pass(const struct looking *looking, size_t number, unsigned traits, bool stuck)
{
	if ((traits & TRAIT_NO_SSH) || looking->barred[number] ||
	    looking->network_index->hosts[number].trust < looking->goal->options->min_trust)
		return false;
	return looking->mending || !((traits & TRAIT_NO_JUMP) || stuck);
}

/*
 * Whether the next hop is stitched on a host for sure: one that has keys may leave a hop to other methods
 * (rule 13).
 */
static bool is_joint(const struct looking *looking, size_t number)
{
	return looking->goal->options->method == METHOD_STITCHED &&
	       !looking->topology->hosts[number].key_count;
}

/* Whether what is joined on a host lies open there. */
static bool is_open(const struct goal *goal, size_t number)
{
	return goal->encrypted == SERVICE_CLEAR && number != goal->ingress_host &&
	       number != goal->egress.host;
}

/* Returns the bucket of those that go on from a host, at the least cost of that; NULL: none does. */
static struct bucket *after_passing(struct looking *looking, struct bucket *from, size_t number)
{
	const struct indexed_host *host = &looking->network_index->hosts[number];
	const unsigned traits = host->traits;
	const bool stuck = is_stuck(looking, number, traits), joint = is_joint(looking, number);
	const bool open = joint && is_open(looking->goal, number);
	const bool plain = !(traits & (TRAIT_AVOID | TRAIT_NO_FORWARD | TRAIT_NO_JUMP));
	struct bucket *after = plain && open ? from->after_joint[host->trust] : NULL;
	struct cost cost;

	if (number == looking->goal->me)
		return looking->from == number ? from : NULL;
	if (!may_pass(looking, number, traits, stuck))
		return NULL;
	if (after || (plain && !joint))
		return after ? after : from;
	cost = from->cost;
	cost.parts[COST_CHANGES] += traits & TRAIT_NO_JUMP ? WEIGHT_JUMP : 0;
	cost.parts[COST_CHANGES] += stuck ? WEIGHT_SETTING : 0;
	cost.parts[COST_AVOIDED] += (traits & TRAIT_AVOID) != 0;
	cost.parts[COST_RELAYS] += ((traits & TRAIT_NO_FORWARD) && !stuck) || joint;
	cost.parts[COST_EXPOSURE + host->trust] += open;
	after = looking_bucket(looking, &cost);
	if (plain && open)
		from->after_joint[host->trust] = after;
	return after;
}

/* --- putting nodes into buckets */

/* Sees the host from which the leg leads, or what it leaves by, and so what the leg costs. */
static void see_from(struct looking *looking, size_t node, struct bucket *bucket)
{
	const size_t hosts = looking->topology->host_count;

	if (node < hosts ? node != looking->from : !looking->leaves[node - hosts])
		return;
	if (node >= hosts)
		bucket = after_passing(looking, bucket, looking->from);
	if (bucket && (!looking->found || cost_compare(&bucket->cost, &looking->found->cost) < 0))
		looking->found = bucket;
}

void looking_put(struct looking *looking, size_t node, struct bucket *bucket)
{
	if (looking->bounds[node])
		return;
	see_from(looking, node, bucket);
	bucket->nodes = memory_reserve(bucket->nodes, &bucket->room, bucket->count + 1,
				       sizeof(*bucket->nodes));
	bucket->nodes[bucket->count++] = (uint32_t)node;
}

void looking_put_end(struct looking *looking, size_t host)
{
	const struct goal *goal = looking->goal;
	struct goal_end end;
	struct needed_changes needed = {.possible = true};

	if (host == goal->me || (looking->mending ? change_excludes(goal, host)
						  : goal_excludes(goal, host, NULL, NULL)))
		return;
	if (looking->mending)
		needed = change_for_end(goal, host, &end);
	else
		end = goal_end(goal, host);
	end.cost.parts[COST_CHANGES] += needed.weight;
	if (needed.possible && end.open)
		looking_put(looking, host, looking_bucket(looking, &end.cost));
}

void looking_put_host(struct looking *looking, size_t number)
{
	struct bucket *bucket;

	if (looking->bounds[number])
		return;
	bucket = after_passing(looking, looking->here, number);
	if (bucket)
		looking_put(looking, number, bucket);
}

static void put_visited(void *context, size_t host)
{
	looking_put_host(context, host);
}

/* All hosts from which a connection that an end of a rule lets through may come. */
static void put_end(struct looking *looking, const struct rule_end *end)
{
	if (network_index_visit_end(looking->network_index, end, put_visited, looking))
		looking_put(looking, horizon_everyone(looking->topology), looking->here);
}

/* --- what may have led to a host */

/* Puts a rule, if it lets in to a port (0: to any of several), or would after a change. */
static void put_rule_to(struct looking *looking, const struct rule *rule, uint16_t port)
{
	const size_t node = horizon_rule(looking->topology, rule);

	if (rule_index_lets_in(rule, port))
		looking_put(looking, node, looking->here);
	else if (looking->mending && rule->allow && !change_leaves(looking->goal, rule, port))
		looking_put(looking, node,
			    looking_after_changes(looking, looking->here, WEIGHT_PORT));
}

static void put_rule(void *context, const struct rule *rule)
{
	struct looking *looking = context;

	put_rule_to(looking, rule, looking->port);
}

/* By which port is not known where a rule leads to many: by that of ssh, unless some have others. */
static void put_wide_rule(void *context, const struct rule *rule)
{
	struct looking *looking = context;

	put_rule_to(looking, rule, looking->network_index->odd_ports ? 0 : 22);
}

/* Those who are published on it may be got to where that is, too. */
static void put_publications(struct looking *looking, const struct host *host)
{
	for (size_t i = 0; i < host->published_count; i++)
		if (host->published[i].vlan == TOPOLOGY_NONE)
			looking_put_host(looking, host->published[i].host);
}

static void look_at_host(struct looking *looking, size_t number)
{
	const struct network_index *network_index = looking->network_index;
	const unsigned traits = network_index->hosts[number].traits;
	size_t count;
	const uint32_t *vlans = id_lists_of(&network_index->vlans_of, number, &count);

	if (number == looking->goal->me)
		return;
	looking->port = network_index->hosts[number].port;
	looking->here = after_hop(looking, looking->here, number);
	for (size_t i = 0; i < count; i++)
		looking_put(looking, horizon_vlan(looking->topology, vlans[i]), looking->here);
	rule_index_visit_key(&network_index->rules, RULES_TO,
			     rule_key_host(looking->topology, number), put_rule, looking);
	if (!looking->here->met)
		rule_index_visit_key(&network_index->rules, RULES_TO, RULE_KEY_ANY, put_wide_rule,
				     looking);
	looking->here->met = true;
	if (traits & TRAIT_PUBLISHED)
		put_publications(looking, &looking->topology->hosts[number]);
	if (looking->mending && looking->targets[number])
		strangers_put(looking, number);
}

/* All that leave by a VLAN, and who gets to it, or to an address on it. */
static void look_at_vlan(struct looking *looking, size_t vlan)
{
	const struct network_index *network_index = looking->network_index;

	network_index_visit_vlan(network_index, vlan, put_visited, looking);
	rule_index_visit_key(&network_index->rules, RULES_TO, rule_key_vlan(vlan), put_wide_rule,
			     looking);
	for (unsigned family = ADDRESS_IPV4; family <= ADDRESS_IPV6; family++) {
		const struct address_bounds *bounds = network_index->bounds[family] + vlan;

		if (bounds->any)
			rule_index_visit_span(&network_index->rules, RULES_TO, (uint8_t)family,
					      bounds->low, bounds->high, put_wide_rule, looking);
	}
}

static void look_at_everyone(struct looking *looking)
{
	for (size_t h = 0; h < looking->topology->host_count; h++)
		looking_put_host(looking, h);
}

static void look_at(struct looking *looking, size_t node)
{
	const struct topology *topology = looking->topology;
	const size_t vlans = topology->host_count, rules = vlans + topology->vlan_count;

	if (node < vlans)
		look_at_host(looking, node);
	else if (node < rules)
		look_at_vlan(looking, node - vlans);
	else if (node < horizon_everyone(topology))
		put_end(looking, &topology->rules[node - rules].from);
	else if (node == horizon_everyone(topology))
		look_at_everyone(looking);
	else if (node < looking_ends(topology, 0))
		strangers_look_at(looking,
				  (enum trust)(node - looking_strangers(topology, TRUST_NONE)));
	else
		strangers_look_at_ends(looking, (unsigned)(node - looking_ends(topology, 0)));
}

/*
 * Its own nodes may grow while they are looked at: what gets on by a VLAN costs the same. With the host
 * from which the leg leads among them, they need no look: nothing that was not seen costs less.
 */
static void look_at_bucket(struct looking *looking, struct bucket *bucket)
{
	struct cost *value =
		arena_push(looking->arena, &looking->values, &looking->value_count, sizeof(*value));

	*value = bucket->cost;
	for (size_t i = 0; i < bucket->count && looking->found != bucket; i++) {
		const size_t node = bucket->nodes[i];

		if (looking->bounds[node])
			continue;
		looking->bounds[node] = (uint32_t)looking->value_count;
		looking->here = bucket;
		look_at(looking, node);
	}
	if (looking->found == bucket)
		looking->bounds[looking->from] = (uint32_t)looking->value_count;
}

/* --- a leg */

static void note_leaving(const struct looking *looking, size_t node)
{
	looking->leaves[node - looking->topology->host_count] = true;
}

static void note_rule(void *context, const struct rule *rule)
{
	const struct looking *looking = context;

	note_leaving(looking, horizon_rule(looking->topology, rule));
}

/* Notes what the leg leaves the host by from which it leads. */
static void note_leaves(struct looking *looking)
{
	const struct network_index *network_index = looking->network_index;
	const struct topology *topology = looking->topology;
	size_t count;
	const uint32_t *vlans = id_lists_of(&network_index->vlans_of, looking->from, &count);

	looking->leaves = arena_array(looking->arena,
				      looking_ends(topology, END_KINDS) - topology->host_count,
				      sizeof(*looking->leaves));
	for (size_t i = 0; i < count; i++)
		note_leaving(looking, horizon_vlan(topology, vlans[i]));
	rule_index_visit(&network_index->rules, RULES_FROM, looking->from, note_rule, looking);
	note_leaving(looking, horizon_everyone(topology));
	if (looking->mending)
		note_leaving(looking, looking_strangers(topology, looking->wires[looking->from]));
}

void looking_begin(struct looking *looking, size_t from)
{
	looking->from = from;
	looking->buckets = looking->found = NULL;
	looking->values = NULL;
	looking->value_count = 0;
	looking->bounds = arena_array(looking->arena, looking_ends(looking->topology, END_KINDS),
				      sizeof(*looking->bounds));
	note_leaves(looking);
}

bool looking_on(struct looking *looking)
{
	for (; looking->buckets; looking->buckets = looking->buckets->next) {
		if (!looking->bounds[looking->from])
			look_at_bucket(looking, looking->buckets);
		free(looking->buckets->nodes);
	}
	return looking->bounds[looking->from] != 0;
}
