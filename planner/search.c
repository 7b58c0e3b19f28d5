#include "planner/search.h"

#include <string.h>

#include "planner/heap.h"
#include "planner/horizon.h"
#include "planner/known.h"
#include "planner/label.h"

/* How many hops are tried where every way counts, and not only the best one to each state. */
#define TRIES_MAX 400000

/* What the rest of a way depends on, apart from the host: labels that agree in it can be compared. */
struct layer {
	uint32_t client;
	uint16_t passed;
	uint16_t depth;  /* 0 where any number of hops will do */
	uint16_t pieces; /* 0 where all joints are alike */
};

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

/* One run. */
struct run {
	const struct goal *goal;
	const struct atlas *atlas;
	struct horizon horizon;
	struct arena scratch;
	struct heap queue;
	struct known states; /* struct state, by host and layer */
	struct known pools;  /* struct pool, by VLAN and layer */
	bool endless;        /* no way ends: all that can be got to is settled */
	bool crossed;        /* some way was not gone on with because it would have crossed itself */

	/* Where every way counts. */
	bool every;
	uint32_t *tried;    /* by host: the expansion in which it was tried last */
	uint32_t expansion; /* the present one */
	size_t tries;
	bool *shared; /* by host: an earlier alternative has it; or NULL */
};

/* --- states */

static struct layer layer_of(const struct run *run, const struct label *label)
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
	void **value = known_at(&run->states, key_of(layer_of(run, label), label->host));

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
	heap_push(&run->queue, kept);
}

static void run_init(struct run *run, const struct goal *goal)
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

/* Every way counts, not only the best one to each state. */
static void run_every(struct run *run)
{
	run->every = true;
	run->tried = arena_array(&run->scratch, run->atlas->topology->host_count,
				 sizeof(*run->tried));
}

static void run_finish(struct run *run)
{
	arena_finish(&run->scratch);
}

/* Puts me into the queue. All labels have what the end costs at least, until they have it all. */
static void start(struct run *run)
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
	const struct layer layer = layer_of(run, next);

	for (const struct label *from = next->parent->parent; from; from = from->parent) {
		const struct stand stand = {from->host, from->client, from->pieces};

		for (enum plan_method method = PLAN_NESTED; method <= PLAN_STITCHED; method++) {
			const struct link link = link_try(run->goal, &stand, next->host, method);
			struct label shorter;
			struct layer other;

			if (!link.open)
				continue;
			shorter = label_step(run->goal, from, next->host, method, &link);
			other = layer_of(run, &shorter);
			if (other.client == layer.client && other.passed == layer.passed &&
			    other.pieces == layer.pieces &&
			    cost_compare(&shorter.cost, &next->cost) < 0)
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
	link = link_try(run->goal, &stand, host, method);
	if (!link.open)
		return false;
	if (label_passes(from, host)) {
		run->crossed = true;
		return true;
	}
	if (!run->every || !is_detour(run, &next))
		push(run, &next);
	return true;
}

/*
 * Whether no later label of the layer can get to a host more cheaply than this one by a nested hop. One
 * that comes later has no fewer hops, but for what is ahead of it.
 */
static bool is_last_word(const struct run *run, const struct label *from, size_t host)
{
	const int32_t ahead = horizon_ahead(&run->horizon, host) + 1;
	const int32_t farthest = run->horizon.distances ? run->horizon.farthest : 0;

	return from->ahead >= (ahead < farthest ? ahead : farthest);
}

/* Tries all hops to a host. Returns whether no label that comes later need try. */
static bool relax(struct run *run, const struct label *from, size_t host)
{
	bool nested;

	if (goal_shuns(run->goal, host, NULL, NULL))
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
	return nested && is_last_word(run, from, host);
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
	void **value = known_at(&run->pools, key_of(layer_of(run, from), vlan));
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

static void expand(struct run *run, const struct label *from)
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
	rulebook_visit(&run->atlas->rules, RULE_FROM, from->host, relax_rule, &expansion);
}

/* --- to the end */

/* The end's share that all labels have already is taken off again. */
static void push_end(struct run *run, const struct label *label)
{
	struct goal_end end;
	struct label ended;

	if (run->endless || !label->parent || label->passed < run->goal->via_count)
		return;
	end = goal_end(run->goal, label->host);
	if (!end.open)
		return;
	for (enum cost_part part = 0; part < COST_PARTS; part++)
		end.cost.parts[part] -= run->horizon.end.parts[part];
	ended = label_end(label, &end);
	push(run, &ended);
}

/* Takes the next label out that is to be looked at, or that is complete; NULL: there is none. */
static const struct label *next_label(struct run *run)
{
	const struct label *label;

	while ((label = heap_pop(&run->queue))) {
		struct state *state;

		if (label->complete || run->every)
			return label;
		state = state_of(run, label);
		if (state->settled)
			continue;
		state->settled = true;
		return label;
	}
	return NULL;
}

/* Runs on to the next complete way, the best one that has not come yet; NULL: there is none. */
static const struct label *run_on(struct run *run)
{
	const struct label *label;

	while ((label = next_label(run)) && !label->complete) {
		if (run->every && run->tries > TRIES_MAX)
			return NULL;
		push_end(run, label);
		expand(run, label);
	}
	return label;
}

/* Among all ways, where the best one to a state may be one that cannot go on. */
static bool search_crossing(const struct goal *goal, const struct horizon *horizon,
			    struct arena *arena, struct plan_way *ret_way)
{
	const struct label *label;
	struct run run;

	run_init(&run, goal);
	run_every(&run);
	run.horizon = *horizon;
	start(&run);
	label = run_on(&run);
	if (label)
		*ret_way = label_way(label, arena);
	run_finish(&run);
	return label != NULL;
}

bool search_best(const struct goal *goal, struct arena *arena, struct plan_way *ret_way)
{
	const struct label *label = NULL;
	struct run run;
	bool found;

	run_init(&run, goal);
	horizon_look(&run.horizon, goal, &run.scratch);
	if (!run.horizon.none) {
		start(&run);
		label = run_on(&run);
	}
	found = label != NULL;
	if (found)
		*ret_way = label_way(label, arena);
	if (run.crossed)
		found |= search_crossing(goal, &run.horizon, arena, ret_way);
	run_finish(&run);
	return found;
}

/* --- beside the best */

static bool same_hosts(const struct plan_way *a, const struct plan_way *b)
{
	return a->count == b->count &&
	       memcmp(a->hosts, b->hosts, a->count * sizeof(*a->hosts)) == 0;
}

/* Whether hosts can be left out of a way so that what is left costs less (rule 28). */
static bool has_shortcut(const struct goal *goal, const struct plan_way *way, struct arena *scratch)
{
	size_t *hosts = arena_array(scratch, way->count, sizeof(*hosts));
	struct plan_way shorter;
	struct cost cost = way->cost;

	cost.parts[COST_SHARED] = 0;
	for (size_t first = 0; first < way->count; first++) {
		for (size_t behind = first + 1; behind <= way->count; behind++) {
			const size_t rest = way->count - behind;

			memcpy(hosts, way->hosts, first * sizeof(*hosts));
			memcpy(hosts + first, way->hosts + behind, rest * sizeof(*hosts));
			if (search_fixed(goal, hosts, first + rest, scratch, &shorter) &&
			    cost_compare(&shorter.cost, &cost) < 0)
				return true;
		}
	}
	return false;
}

static bool is_new(const struct plan_way *way, const struct plan_way *best,
		   const struct plan_way *ways, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (same_hosts(way, &ways[i]))
			return false;
	return !same_hosts(way, best);
}

/* Runs on to the next way that is no detour and not among those that are known. */
static bool next_alternative(struct run *run, const struct plan_way *best,
			     const struct plan_way *known, size_t count, struct arena *arena,
			     struct plan_way *ret_way)
{
	const struct label *label;

	while ((label = run_on(run))) {
		const struct plan_way way = label_way(label, arena);

		if (!is_new(&way, best, known, count) ||
		    has_shortcut(run->goal, &way, &run->scratch))
			continue;
		*ret_way = way;
		ret_way->cost.parts[COST_SHARED] = 0;
		return true;
	}
	return false;
}

static void share(const struct plan_way *way, bool *shared)
{
	for (size_t i = 0; i < way->count; i++)
		shared[way->hosts[i]] = true;
}

bool search_next(const struct goal *goal, const struct plan_way *best, struct arena *arena,
		 struct plan_way *ret_way)
{
	struct run run;
	bool found;

	run_init(&run, goal);
	run_every(&run);
	horizon_look(&run.horizon, goal, &run.scratch);
	start(&run);
	found = next_alternative(&run, best, NULL, 0, arena, ret_way);
	run_finish(&run);
	return found;
}

size_t search_alternatives(const struct goal *goal, const struct plan_way *best, size_t most,
			   struct arena *arena, struct plan_way *ret_ways)
{
	bool *shared = arena_array(arena, goal->atlas->topology->host_count, sizeof(*shared));
	size_t count = 0;
	bool found = true;

	share(best, shared);
	while (found && count < most) {
		struct run run;

		run_init(&run, goal);
		run_every(&run);
		run.shared = shared;
		horizon_look(&run.horizon, goal, &run.scratch);
		start(&run);
		found = next_alternative(&run, best, ret_ways, count, arena, &ret_ways[count]);
		run_finish(&run);
		if (found)
			share(&ret_ways[count++], shared);
	}
	return count;
}

/* --- other questions */

const bool *search_reachable(const struct goal *goal, struct arena *arena)
{
	const struct tunnel_options free_options = {.method = goal->options->method};
	struct goal anywhere = *goal;
	bool *reachable = arena_array(arena, goal->atlas->topology->host_count, sizeof(*reachable));
	const struct label *label;
	struct run run;

	(void)free_options;
	anywhere.via_count = 0;
	anywhere.exit = TOPOLOGY_NONE;
	run_init(&run, &anywhere);
	run.endless = true;
	start(&run);
	while ((label = next_label(&run))) {
		reachable[label->host] = label->parent != NULL;
		expand(&run, label);
	}
	run_finish(&run);
	return reachable;
}

/* Adds what is new among the ways of one hop more: of those with the same layer the best one stays. */
static void keep_best(struct run *run, struct label *labels, size_t *count,
		      const struct label *next)
{
	const struct layer layer = layer_of(run, next);

	for (size_t i = 0; i < *count; i++) {
		const struct layer other = layer_of(run, &labels[i]);

		if (other.client != layer.client || other.pieces != layer.pieces)
			continue;
		if (label_compare(run->atlas->topology, next, &labels[i]) < 0)
			labels[i] = *next;
		return;
	}
	labels[(*count)++] = *next;
}

/* Makes the ways of one hop more. */
static struct label *step_fixed(struct run *run, const struct label *from, size_t from_count,
				size_t host, size_t *ret_count)
{
	struct label *next = arena_array(&run->scratch, from_count * 3, sizeof(*next));

	*ret_count = 0;
	if (goal_shuns(run->goal, host, NULL, NULL))
		return next;
	for (size_t i = 0; i < from_count; i++) {
		const struct stand stand = {from[i].host, from[i].client, from[i].pieces};
		bool nested = false;

		for (enum plan_method method = PLAN_NESTED; method <= PLAN_STITCHED; method++) {
			struct link link;
			struct label label;

			if (nested && method == PLAN_RELAYED)
				continue;
			link = link_try(run->goal, &stand, host, method);
			nested |= link.open && method == PLAN_NESTED;
			if (!link.open)
				continue;
			label = label_step(run->goal, &from[i], host, method, &link);
			keep_best(run, next, ret_count, &label);
		}
	}
	return next;
}

bool search_fixed(const struct goal *goal, const size_t *hosts, size_t count, struct arena *arena,
		  struct plan_way *ret_way)
{
	const struct label root = label_root(goal), *labels = &root;
	size_t label_count = 1;
	struct goal_end end;
	struct label ended;
	struct run run;
	bool found = count > 0;

	run_init(&run, goal);
	for (size_t i = 0; i < count && label_count; i++)
		labels = step_fixed(&run, labels, label_count, hosts[i], &label_count);
	found = found && label_count && labels[0].passed == goal->via_count;
	if (found) {
		end = goal_end(goal, hosts[count - 1]);
		found = end.open;
	}
	for (size_t i = 1; i < label_count; i++)
		if (label_compare(goal->atlas->topology, &labels[i], &labels[0]) < 0)
			labels = &labels[i];
	if (found) {
		ended = label_end(&labels[0], &end);
		*ret_way = label_way(&ended, arena);
	}
	run_finish(&run);
	return found;
}
