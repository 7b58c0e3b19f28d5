#include "planner/search/running.h"

/* Hosts of a VLAN that still can be got to more cheaply, in one layer. */
struct pool {
	uint32_t *hosts;
	size_t count;
};

/* From so many labels at most, of those that differ neither in trust nor in passed, all targets are tried. */
#define SOURCES_MAX 32

struct expansion {
	struct run *run;
	const struct label *from;
};

/* A pool that is being filled. */
struct filling {
	const struct run *run;
	const struct rule *rule; /* that leads to the hosts, or NULL */
	struct pool *pool;
	struct arena *arena;
};

static void add_host(void *context, size_t host)
{
	const struct filling *filling = context;
	const struct run *run = filling->run;
	struct pool *pool = filling->pool;

	/* What lacks a port only can be mended. */
	if (filling->rule && !run->mending &&
	    !rule_index_lets_in(filling->rule, run->network_index->hosts[host].port))
		return;
	*(uint32_t *)arena_push(filling->arena, &pool->hosts, &pool->count, sizeof(*pool->hosts)) =
		(uint32_t)host;
}

/* Adds all hosts to which a connection that a rule lets through may lead. */
static void add_by_rule(struct run *run, const struct rule *rule, struct pool *pool)
{
	struct filling filling = {run, rule, pool, &run->scratch};

	if (!network_index_visit_end(run->network_index, &rule->to, add_host, &filling))
		return;
	/* They are the same for all rules that lead to any, which have one pool. */
	filling.rule = NULL;
	for (size_t h = 0; h < run->network_index->topology->host_count; h++)
		add_host(&filling, h);
}

/*
 * Whether no host is ever taken out of the pools of a label: if hops may be stitched from it, or the
 * search is exact.
 */
static bool keeps_pools(const struct run *run, const struct label *from)
{
	return run->exact || run_may_stitch(run, from);
}

/* Returns the pool of a VLAN or a rule. Labels that take nothing out share one. */
static struct pool *pool_of(struct run *run, const struct label *from, size_t number, bool *ret_new)
{
	const struct layer all = {.pieces = UINT16_MAX};
	const struct layer layer = keeps_pools(run, from) ? all : run_layer(run, from);
	struct pool *pool;
	void **value;

	value = known_at(&run->pools, run_key(layer, (uint32_t)number));
	pool = *value;
	*ret_new = !pool;
	if (!pool)
		*value = pool = arena_alloc(&run->scratch, sizeof(*pool));
	return pool;
}

/*
 * Whether no label that comes later can get to a host more cheaply by a nested hop by the same VLAN or
 * rule than this one: it costs no less with what the rest costs, and from none of them the rest costs
 * more.
 */
static bool is_last_word(const struct run *run, const struct label *from, size_t node)
{
	struct cost passing = *lower_bound_of(&run->bound, from->passed, node);

	passing.parts[COST_AVOIDED] += from->parent && run_host_of(run, from)->jump == JUMP_AVOID;
	return cost_compare(lower_bound_of(&run->bound, from->passed, from->host), &passing) >= 0;
}

/*
 * Tries the hosts of a pool. Those that nothing is to be won for any more are taken out, unless a host
 * may be stitched from: nobody else makes those hops.
 */
static void relax_pool(const struct expansion *expansion, struct pool *pool, size_t node)
{
	struct run *run = expansion->run;
	const bool last =
		!keeps_pools(run, expansion->from) && is_last_word(run, expansion->from, node);

	for (size_t i = 0; i < pool->count;) {
		if (run_relax(run, expansion->from, pool->hosts[i]) && last)
			pool->hosts[i] = pool->hosts[--pool->count];
		else
			i++;
	}
}

static void relax_vlan(const struct expansion *expansion, size_t vlan)
{
	struct run *run = expansion->run;
	const size_t node = lower_bound_vlan(run->network_index->topology, vlan);
	bool new;
	struct pool *pool = pool_of(run, expansion->from, node, &new);
	struct filling filling = {run, NULL, pool, &run->scratch};

	if (new)
		network_index_visit_vlan(run->network_index, vlan, add_host, &filling);
	relax_pool(expansion, pool, node);
}

/* All rules that let in everywhere have one pool: what the rest costs is the same for them. */
static void relax_rule(void *context, const struct rule *rule)
{
	const struct expansion *expansion = context;
	struct run *run = expansion->run;
	const struct topology *topology = run->network_index->topology;
	const size_t node = lower_bound_rule(topology, rule);
	struct pool *pool;
	bool new;

	if (!rule->allow)
		return;
	pool = pool_of(run, expansion->from,
		       rule->to.kind == RULE_ANY ? lower_bound_any(topology) : node, &new);
	if (new)
		add_by_rule(run, rule, pool);
	relax_pool(expansion, pool, node);
}

/* The most that any VLAN of a host is trusted: from there it is the least step. */
static uint8_t best_vlan_trust(const struct run *run, const struct host *host)
{
	uint8_t best = TRUST_NONE;

	for (size_t i = 0; i < host->interface_count; i++) {
		const uint8_t trust =
			run->network_index->topology->vlans[host->interfaces[i].vlan].trust;

		best = trust > best ? trust : best;
	}
	return best;
}

/* Where no rule says anything, the first hosts that are got to stand for all with their trust. */
static void relax_targets(const struct expansion *expansion)
{
	struct run *run = expansion->run;
	const struct host *host = &run->network_index->topology->hosts[expansion->from->host];
	const size_t trusts = TRUST_HIGH + 1;
	unsigned *tried;

	if (!run->sources)
		run->sources = arena_array(&run->scratch, (run->goal->via_count + 1) * trusts,
					   sizeof(*run->sources));
	tried = &run->sources[expansion->from->passed * trusts + best_vlan_trust(run, host)];
	if ((*tried)++ >= SOURCES_MAX)
		return;
	for (size_t i = 0; i < run->target_count; i++)
		run_relax(run, expansion->from, run->targets[i]);
}

void run_expand(struct run *run, const struct label *from)
{
	struct expansion expansion = {run, from};
	const struct host *host = run_host_of(run, from);
	const uint32_t *guests;
	size_t count;

	if (!run->mending && from->parent && host->jump == JUMP_NO)
		return;
	run->expansion++;
	for (size_t i = 0; i < host->interface_count; i++)
		relax_vlan(&expansion, host->interfaces[i].vlan);
	guests = id_lists_of(&run->network_index->published_on, from->host, &count);
	for (size_t i = 0; i < count; i++)
		run_relax(run, from, guests[i]);
	rule_index_visit(&run->network_index->rules, RULES_FROM, from->host, relax_rule,
			 &expansion);
	if (run->mending)
		relax_targets(&expansion);
}
