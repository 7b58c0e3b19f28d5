#include "planner/search/path_search.h"

/*
 * From so many labels at most, of those that differ neither in trust nor in passed, all targets are
 * tried.
 */
#define SOURCES_MAX 32

/* Hosts of a VLAN, or to which a rule leads, that still can be got to more cheaply, in one layer. */
struct pool {
	uint32_t *hosts;
	size_t count;
};

/* A pool that is being filled. */
struct filling {
	struct path_search *search;
	const struct rule *rule; /* that leads to the hosts, or NULL */
	struct pool *pool;
};

struct expansion {
	struct path_search *search;
	const struct label *from;
};

static const struct host *host_of(const struct path_search *search, const struct label *label)
{
	return &search->network_index->topology->hosts[label->host];
}

/* --- one hop */

/* Notes that a path was dropped because it passes a host twice, in different states. */
static void note_crossing(struct path_search *search, const struct label *next)
{
	const struct layer layer = path_search_layer(search, next);
	const struct label *before = next->parent;
	struct layer other;

	while (before->host != next->host)
		before = before->parent;
	other = path_search_layer(search, before);
	if (other.client == layer.client && other.passed == layer.passed &&
	    other.pieces == layer.pieces)
		return;
	if (!search->crossed || cost_compare(&next->cost, &search->crossing) < 0)
		search->crossing = next->cost;
	search->crossed = true;
}

/* Tries a hop by one method. Returns whether the hop is possible, or known to be useless. */
static bool try_hop(struct path_search *search, const struct label *from, size_t host,
		    enum plan_method method)
{
	const struct goal *goal = search->goal;
	const struct stand stand = {from->host, from->client, from->pieces};
	struct link link = {.client = method == PLAN_STITCHED ? from->host : from->client};
	struct label next = label_step(goal, from, host, method, &link);
	struct cost before;

	label_look_ahead(&next, lower_bound_of(&search->bound, from->passed, from->host), -1);
	label_look_ahead(&next, lower_bound_of(&search->bound, next.passed, host), 1);
	if ((goal->options->max_hops && next.depth > goal->options->max_hops) ||
	    path_search_knows(search, &next))
		return true;
	if (goal->limit && cost_compare(&next.cost, goal->limit) > 0)
		return false;
	search->tries++;
	before = next.cost;
	if (!search->policy->can_hop(goal, &stand, host, method, &link, &next.cost))
		return false;
	if (label_passes(from, host)) {
		note_crossing(search, &next);
		return true;
	}
	/* What the policy added may have made the label worse than a known one. */
	if (cost_compare(&before, &next.cost) != 0 && path_search_knows(search, &next))
		return false;
	path_search_push(search, &next);
	return next.cost.parts[COST_CHANGES] == from->cost.parts[COST_CHANGES];
}

/* Whether the next hop may be stitched, so that its ssh client runs on the label's host (rule 13). */
static bool may_stitch(const struct path_search *search, const struct label *from)
{
	const enum tunnel_method method = search->goal->options->method;

	return from->parent && method != METHOD_NESTED &&
	       (method == METHOD_STITCHED || host_of(search, from)->key_count);
}

/*
 * Whether another ssh client than the label's may be better for the rest of the path: it may have
 * keys that this one lacks, or its pieces may be joined elsewhere.
 */
static bool may_stitch_on(const struct path_search *search, const struct label *from)
{
	return search->goal->joint_count ||
	       search->network_index->topology->hosts[from->client].key_count;
}

/*
 * Tries hops to a host by all methods. Returns whether a nested hop is possible, or no hop is of
 * use.
 */
static bool try_host(struct path_search *search, const struct label *from, size_t host)
{
	bool nested;

	if (search->policy->excludes(search->goal, host))
		return true;
	nested = try_hop(search, from, host, PLAN_NESTED);
	if (!nested && from->parent && host_of(search, from)->relay)
		try_hop(search, from, host, PLAN_RELAYED);
	if (may_stitch(search, from))
		try_hop(search, from, host, PLAN_STITCHED);
	return nested && !may_stitch_on(search, from);
}

/* --- pools */

static void add_host(void *context, size_t host)
{
	const struct filling *filling = context;
	const struct path_search *search = filling->search;

	if (filling->rule && !search->policy->changes &&
	    !rule_index_lets_in(filling->rule, search->network_index->hosts[host].port))
		return;
	*(uint32_t *)arena_push(&filling->search->scratch, &filling->pool->hosts,
				&filling->pool->count, sizeof(*filling->pool->hosts)) =
		(uint32_t)host;
}

/* Fills a pool with all hosts to which a connection that a rule lets through may lead. */
static void fill_by_rule(struct filling *filling)
{
	const struct network_index *network_index = filling->search->network_index;

	if (!network_index_visit_end(network_index, &filling->rule->to, add_host, filling))
		return;
	/* The pool is the same for all rules that lead to any. */
	filling->rule = NULL;
	for (size_t h = 0; h < network_index->topology->host_count; h++)
		add_host(filling, h);
}

/*
 * Whether no host is ever taken out of the pools of a label: if hops may be stitched from the
 * label's host, or the search is exact.
 */
static bool keeps_pools(const struct path_search *search, const struct label *from)
{
	return search->policy->exact || may_stitch(search, from);
}

/* Returns the pool of a VLAN or a rule. Labels that take nothing out share one. */
static struct pool *pool_of(struct path_search *search, const struct label *from, size_t node,
			    bool *ret_new)
{
	const struct layer all = {.pieces = UINT16_MAX};
	const struct layer layer =
		keeps_pools(search, from) ? all : path_search_layer(search, from);
	void **value = known_at(&search->pools, path_search_key(layer, (uint32_t)node));

	*ret_new = !*value;
	if (!*value)
		*value = arena_alloc(&search->scratch, sizeof(struct pool));
	return *value;
}

/*
 * Whether no later label can get to a host more cheaply by a nested hop by the same VLAN or rule
 * than this one: with what the rest costs, no later label costs less, and from none of them the
 * rest costs more.
 */
static bool is_last_word(const struct path_search *search, const struct label *from, size_t node)
{
	struct cost passing = *lower_bound_of(&search->bound, from->passed, node);

	passing.parts[COST_AVOIDED] += from->parent && host_of(search, from)->jump == JUMP_AVOID;
	return cost_compare(lower_bound_of(&search->bound, from->passed, from->host), &passing) >=
	       0;
}

/* Tries the hosts of a pool, and takes out the hosts for which nothing is to be won any more. */
static void try_pool(struct path_search *search, const struct label *from, struct pool *pool,
		     size_t node)
{
	const bool last = !keeps_pools(search, from) && is_last_word(search, from, node);

	for (size_t i = 0; i < pool->count;) {
		if (try_host(search, from, pool->hosts[i]) && last)
			pool->hosts[i] = pool->hosts[--pool->count];
		else
			i++;
	}
}

static struct pool *pool_of_vlan(struct path_search *search, const struct label *from, size_t vlan)
{
	bool new;
	const size_t node = lower_bound_vlan(search->network_index->topology, vlan);
	struct filling filling = {search, NULL, pool_of(search, from, node, &new)};

	if (new)
		network_index_visit_vlan(search->network_index, vlan, add_host, &filling);
	return filling.pool;
}

/* All rules that lead to any have one pool: what the rest costs is the same for them. */
static void try_rule(void *context, const struct rule *rule)
{
	const struct expansion *expansion = context;
	struct path_search *search = expansion->search;
	const struct topology *topology = search->network_index->topology;
	const size_t node = lower_bound_rule(topology, rule);
	struct filling filling = {search, rule, NULL};
	bool new;

	if (!rule->allow)
		return;
	filling.pool = pool_of(search, expansion->from,
			       rule->to.kind == RULE_ANY ? lower_bound_any(topology) : node, &new);
	if (new)
		fill_by_rule(&filling);
	try_pool(search, expansion->from, filling.pool, node);
}

/* --- all hops */

/* The most that any VLAN of a host is trusted: from there the step in trust is the least. */
static uint8_t best_vlan_trust(const struct path_search *search, const struct host *host)
{
	uint8_t best = TRUST_NONE;

	for (size_t i = 0; i < host->interface_count; i++) {
		const uint8_t trust =
			search->network_index->topology->vlans[host->interfaces[i].vlan].trust;

		best = trust > best ? trust : best;
	}
	return best;
}

/* The first hosts that are got to stand for all hosts of their trust. */
static void try_targets(struct path_search *search, const struct label *from)
{
	const size_t trusts = TRUST_HIGH + 1;
	unsigned *tried;

	if (!search->sources)
		search->sources =
			arena_array(&search->scratch, (search->goal->via_count + 1) * trusts,
				    sizeof(*search->sources));
	tried = &search->sources[from->passed * trusts +
				 best_vlan_trust(search, host_of(search, from))];
	if ((*tried)++ >= SOURCES_MAX)
		return;
	for (size_t i = 0; i < search->target_count; i++)
		try_host(search, from, search->targets[i]);
}

void path_search_expand(struct path_search *search, const struct label *from)
{
	struct expansion expansion = {search, from};
	const struct host *host = host_of(search, from);
	const uint32_t *published;
	size_t count;

	if (!search->policy->changes && from->parent && host->jump == JUMP_NO)
		return;
	search->expansions++;
	for (size_t i = 0; i < host->interface_count; i++) {
		const size_t vlan = host->interfaces[i].vlan;

		try_pool(search, from, pool_of_vlan(search, from, vlan),
			 lower_bound_vlan(search->network_index->topology, vlan));
	}
	published = id_lists_of(&search->network_index->published_on, from->host, &count);
	for (size_t i = 0; i < count; i++)
		try_host(search, from, published[i]);
	rule_index_visit(&search->network_index->rules, RULES_FROM, from->host, try_rule,
			 &expansion);
	if (search->target_count)
		try_targets(search, from);
}
