#include "planner/run.h"

#include <string.h>

#include "planner/mend.h"

/*
 * How many hops are tried where every way counts, and not only the best one to each state. Seven hosts
 * beside me stand on 13 699 lists; a list of n has n clients at most, 7 - n hosts that may be next, and
 * each of these three methods: 208 000 hops in all.
 */
#define TRIES_MAX 400000

/* The best known way to a state. */
struct state {
	const struct label *best; /* NULL: none yet */
	bool settled;             /* there is no better one */
};

/* Hosts of a VLAN that still can be got to more cheaply, in one layer. */
struct pool {
	uint32_t *hosts;
	size_t count;
};

/* From so many hosts at most, for each trust, all targets are tried. */
#define SOURCES_MAX 8

/* --- states */

struct layer run_layer(const struct run *run, const struct label *label)
{
	return (struct layer){
		.client = label->client,
		.passed = label->passed,
		.depth = run->goal->options->max_hops ? label->depth : 0,
		.pieces = run->goal->joint_count ? label->pieces : 0,
	};
}

static struct known_key key_of(struct layer layer, uint32_t number)
{
	return (struct known_key){(uint64_t)number << 32 | layer.client,
				  (uint64_t)layer.passed << 32 | (uint32_t)layer.depth << 16 |
					  layer.pieces};
}

static struct state *state_of(struct run *run, const struct label *label)
{
	void **value = known_at(&run->states, key_of(run_layer(run, label), label->host));

	if (!*value)
		*value = arena_alloc(&run->scratch, sizeof(struct state));
	return *value;
}

/* --- the queue */

static int compare_labels(const void *context, const void *a, const void *b)
{
	return label_compare(context, a, b);
}

static void push(struct run *run, const struct label *label)
{
	struct label *kept = arena_alloc(&run->scratch, sizeof(*kept));

	*kept = *label;
	if (!run->every && !kept->complete)
		state_of(run, kept)->best = kept;
	if (run->every && !kept->complete && kept->parent && !trails_keep(&run->trails, kept))
		return;
	heap_push(&run->queue, kept);
}

void run_init(struct run *run, const struct goal *goal)
{
	*run = (struct run){.goal = goal, .atlas = goal->atlas};
	run->queue = (struct heap){
		.arena = &run->scratch,
		.compare = compare_labels,
		.context = goal->atlas->topology,
	};
	run->states.arena = &run->scratch;
	run->pools.arena = &run->scratch;
}

void run_every(struct run *run)
{
	run->every = true;
	trails_init(&run->trails, run->goal, &run->scratch);
	run->tried =
		arena_array(&run->scratch, run->atlas->topology->host_count, sizeof(*run->tried));
}

void run_finish(struct run *run)
{
	arena_finish(&run->scratch);
}

/* All labels have what the end costs at least, until they have it all. */
void run_start(struct run *run)
{
	struct label root = label_root(run->goal);

	root.cost = run->horizon.end;
	root.ahead = horizon_ahead(&run->horizon, root.host);
	push(run, &root);
}

/* --- one more hop */

/*
 * Whether a hop leads to where one from an earlier host of the way leads, too, and more cheaply: then
 * all that go on from it are detours (rule 28).
 */
static bool is_detour(const struct run *run, const struct label *next)
{
	const struct layer layer = run_layer(run, next);
	struct cost cost = next->cost;

	/* What an earlier alternative has, too, makes no way a detour. */
	cost.parts[COST_SHARED] = 0;
	for (const struct label *from = next->parent->parent; from; from = from->parent) {
		const struct stand stand = {from->host, from->client, from->pieces};

		for (enum plan_method method = PLAN_NESTED; method <= PLAN_STITCHED; method++) {
			const struct link link = link_try(run->goal, &stand, next->host, method);
			struct label shorter;
			struct layer other;

			if (!link.open)
				continue;
			shorter = label_step(run->goal, from, next->host, method, &link);
			shorter.cost.parts[COST_SHARED] = 0;
			other = run_layer(run, &shorter);
			if (other.client == layer.client && other.passed == layer.passed &&
			    other.pieces == layer.pieces && cost_compare(&shorter.cost, &cost) < 0)
				return true;
		}
	}
	return false;
}

/* Whether there is no use in a label: the state that it leads to has a better one. */
static bool is_known(struct run *run, const struct label *next)
{
	const struct state *state;

	if (run->every)
		return false;
	state = state_of(run, next);
	return state->settled ||
	       (state->best && label_compare(run->atlas->topology, next, state->best) >= 0);
}

static bool fits(const struct run *run, const struct label *next)
{
	const unsigned most = run->goal->options->max_hops;

	return !most || next->depth <= most;
}

/* Whether a hop can be made, or could be after changes: those are added to the cost. */
static bool make_link(const struct run *run, const struct stand *from, size_t host,
		      enum plan_method method, struct link *ret_link, struct cost *cost)
{
	struct mends mends;

	if (!run->mending) {
		*ret_link = link_try(run->goal, from, host, method);
		return ret_link->open;
	}
	mends = mend_hop(run->goal, from, host, method);
	*ret_link = mends.link;
	cost->parts[COST_CHANGES] += mends.weight;
	return mends.possible && mends.link.open;
}

/* Tries a hop by one method. Returns whether it can be made, or is known to be of no use. */
static bool try_hop(struct run *run, const struct label *from, size_t host, enum plan_method method)
{
	const struct stand stand = {from->host, from->client, from->pieces};
	struct link link = {.client = method == PLAN_STITCHED ? from->host : from->client};
	struct label next = label_step(run->goal, from, host, method, &link);

	next.ahead = horizon_ahead(&run->horizon, host);
	if (run->shared && run->shared[host])
		next.cost.parts[COST_SHARED]++;
	if (!fits(run, &next) || is_known(run, &next))
		return true;
	run->tries++;
	if (!make_link(run, &stand, host, method, &link, &next.cost))
		return false;
	if (label_passes(from, host)) {
		run->crossed = true;
		return true;
	}
	/* It may have become worse than what is known: changes have their cost. */
	if (run->mending && is_known(run, &next))
		return false;
	if (!run->every || !is_detour(run, &next))
		push(run, &next);
	return next.cost.parts[COST_CHANGES] == from->cost.parts[COST_CHANGES];
}

/*
 * Whether no later label of the layer can get to a host more cheaply than this one by a nested hop. One
 * that comes later has no fewer hops, but for what is ahead of it.
 */
static bool is_last_word(const struct run *run, const struct label *from, size_t host)
{
	const int32_t ahead = horizon_ahead(&run->horizon, host) + 1;
	const int32_t farthest = run->horizon.distances ? run->horizon.farthest : 0;

	/* What passing a host to be avoided costs is paid by the hop from there. */
	if (from->parent && run->atlas->topology->hosts[from->host].jump == JUMP_AVOID)
		return false;
	return from->ahead >= (ahead < farthest ? ahead : farthest);
}

/*
 * Whether a client other than that of a layer may be of more use on the way: it has keys that this one
 * has not, or its pieces are joined elsewhere.
 */
static bool may_stitch_on(const struct run *run, const struct label *from)
{
	return run->goal->joint_count || run->atlas->topology->hosts[from->client].key_count;
}

/* Tries all hops to a host. Returns whether no label that comes later need try. */
static bool relax(struct run *run, const struct label *from, size_t host)
{
	bool nested;

	if (!run->mending && goal_shuns(run->goal, host, NULL, NULL))
		return true;
	if (run->every) {
		if (run->tried[host] == run->expansion)
			return false;
		run->tried[host] = run->expansion;
	}
	nested = try_hop(run, from, host, PLAN_NESTED);
	if (!nested)
		try_hop(run, from, host, PLAN_RELAYED);
	try_hop(run, from, host, PLAN_STITCHED);
	return nested && !may_stitch_on(run, from) && is_last_word(run, from, host);
}

/* --- all that may be the next host */

struct expansion {
	struct run *run;
	const struct label *from;
};

/* The number of the pool that has all hosts. */
#define ALL_HOSTS UINT32_MAX

static void fill(const struct run *run, uint32_t vlan, struct pool *pool, struct arena *arena)
{
	const uint32_t *members;

	if (vlan == ALL_HOSTS) {
		pool->count = run->atlas->topology->host_count;
		pool->hosts = arena_array(arena, pool->count, sizeof(*pool->hosts));
		for (size_t h = 0; h < pool->count; h++)
			pool->hosts[h] = (uint32_t)h;
		return;
	}
	members = roll_of(&run->atlas->members, vlan, &pool->count);
	pool->hosts = arena_array(arena, pool->count, sizeof(*pool->hosts));
	if (pool->count)
		memcpy(pool->hosts, members, pool->count * sizeof(*members));
}

static struct pool *pool_of(struct run *run, const struct label *from, uint32_t vlan)
{
	void **value = known_at(&run->pools, key_of(run_layer(run, from), vlan));
	struct pool *pool = *value;

	if (!pool) {
		pool = arena_alloc(&run->scratch, sizeof(*pool));
		*value = pool;
		fill(run, vlan, pool, &run->scratch);
	}
	return pool;
}

/* Tries the hosts of a VLAN. Those that nothing is to be won for any more are taken out. */
static void relax_pool(const struct expansion *expansion, uint32_t vlan)
{
	struct run *run = expansion->run;
	struct pool *pool = pool_of(run, expansion->from, vlan);

	for (size_t i = 0; i < pool->count;) {
		if (relax(run, expansion->from, pool->hosts[i]) && !run->every)
			pool->hosts[i] = pool->hosts[--pool->count];
		else
			i++;
	}
}

static void relax_end(const struct expansion *expansion, const struct rule_end *end)
{
	const struct topology *topology = expansion->run->atlas->topology;

	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		relax(expansion->run, expansion->from, end->host);
		return;
	case RULE_VLAN:
		relax_pool(expansion, (uint32_t)end->vlan);
		return;
	case RULE_SET:
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			relax_end(expansion, &topology->sets[end->set].ends[i]);
		return;
	case RULE_ANY:
	case RULE_CIDR:
		relax_pool(expansion, ALL_HOSTS);
		return;
	}
}

static void relax_rule(void *context, const struct rule *rule)
{
	if (rule->allow)
		relax_end(context, &rule->to);
}

/* The most that any VLAN of a host is trusted: from there it is the least step. */
static uint8_t best_vlan_trust(const struct run *run, const struct host *host)
{
	uint8_t best = TRUST_NONE;

	for (size_t i = 0; i < host->interface_count; i++) {
		const uint8_t trust = run->atlas->topology->vlans[host->interfaces[i].vlan].trust;

		best = trust > best ? trust : best;
	}
	return best;
}

/* Where no rule says anything, the first hosts that are got to stand for all with their trust. */
static void relax_targets(const struct expansion *expansion)
{
	struct run *run = expansion->run;
	const struct host *host = &run->atlas->topology->hosts[expansion->from->host];
	unsigned *sources = &run->sources[best_vlan_trust(run, host)];

	if ((*sources)++ >= SOURCES_MAX)
		return;
	for (size_t i = 0; i < run->target_count; i++)
		relax(run, expansion->from, run->targets[i]);
}

void run_expand(struct run *run, const struct label *from)
{
	struct expansion expansion = {run, from};
	const struct host *host = &run->atlas->topology->hosts[from->host];
	const uint32_t *guests;
	size_t count;

	run->expansion++;
	for (size_t i = 0; i < host->interface_count; i++)
		relax_pool(&expansion, (uint32_t)host->interfaces[i].vlan);
	guests = roll_of(&run->atlas->guests, from->host, &count);
	for (size_t i = 0; i < count; i++)
		relax(run, from, guests[i]);
	rulebook_visit(&run->atlas->rules, BOOK_FROM, from->host, relax_rule, &expansion);
	if (run->mending)
		relax_targets(&expansion);
}

/* --- to the end */

/* Whether a way can end on a host, or could after changes: those are added to the end's cost. */
static bool make_end(const struct run *run, size_t host, struct goal_end *ret_end)
{
	struct mends mends;

	if (!run->mending) {
		*ret_end = goal_end(run->goal, host);
		return ret_end->open;
	}
	mends = mend_end(run->goal, host, ret_end);
	ret_end->cost.parts[COST_CHANGES] += mends.weight;
	return mends.possible && ret_end->open;
}

/* The end's share that all labels have already is taken off again. */
static void push_end(struct run *run, const struct label *label)
{
	struct goal_end end;
	struct label ended;

	if (run->endless || !label->parent || label->passed < run->goal->via_count)
		return;
	if (!make_end(run, label->host, &end))
		return;
	for (enum cost_part part = 0; part < COST_PARTS; part++)
		end.cost.parts[part] -= run->horizon.end.parts[part];
	ended = label_end(label, &end);
	push(run, &ended);
}

const struct label *run_next(struct run *run)
{
	const struct label *label;

	while ((label = heap_pop(&run->queue))) {
		struct state *state;

		if (label->complete)
			return label;
		if (run->every && !trails_has(&run->trails, label))
			continue;
		if (run->every)
			return label;
		state = state_of(run, label);
		if (state->settled)
			continue;
		state->settled = true;
		return label;
	}
	return NULL;
}

const struct label *run_on(struct run *run)
{
	const struct label *label;

	while ((label = run_next(run)) && !label->complete) {
		if (run->every && run->tries > TRIES_MAX)
			return NULL;
		push_end(run, label);
		run_expand(run, label);
	}
	return label;
}
