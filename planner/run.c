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

/* From so many labels at most, of those that differ neither in trust nor in passed, all targets are tried. */
#define SOURCES_MAX 32

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
	if (run->every && !kept->complete && kept->parent && !kept->unasked &&
	    !trails_keep(&run->trails, kept))
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

/* All labels have what the rest costs at least, so the root has what the whole way does. */
void run_start(struct run *run)
{
	struct label root = label_root(run->goal);

	label_look_ahead(&root, horizon_of(&run->horizon, 0, root.host), 1);
	push(run, &root);
}

/* --- one more hop */

/* Returns the label of one hop more to a host from which a way may lead on. */
static struct label step(const struct run *run, const struct label *from, size_t host,
			 enum plan_method method, const struct link *link)
{
	struct label next = label_step(run->goal, from, host, method, link);

	label_look_ahead(&next, horizon_of(&run->horizon, from->passed, from->host), -1);
	label_look_ahead(&next, horizon_of(&run->horizon, next.passed, host), 1);
	next.cost.parts[COST_SHARED] += run->shared && run->shared[host];
	return next;
}

/* Whether one cost is less than another, whatever an earlier alternative has, too. */
static bool is_less(struct cost a, struct cost b)
{
	a.parts[COST_SHARED] = b.parts[COST_SHARED] = 0;
	return cost_compare(&a, &b) < 0;
}

/*
 * Whether a hop leads to where one from an earlier host of the way leads, too, and more cheaply: then
 * all that go on from it are detours (rule 28).
 */
static bool is_detour(const struct run *run, const struct label *next)
{
	const struct layer layer = run_layer(run, next);

	for (const struct label *from = next->parent->parent; from; from = from->parent) {
		const struct stand stand = {from->host, from->client, from->pieces};

		for (enum plan_method method = PLAN_NESTED; method <= PLAN_STITCHED; method++) {
			const struct link link = link_try(run->goal, &stand, next->host, method);
			struct label shorter;
			struct layer other;

			if (!link.open)
				continue;
			shorter = step(run, from, next->host, method, &link);
			other = run_layer(run, &shorter);
			if (other.client == layer.client && other.passed == layer.passed &&
			    other.pieces == layer.pieces && is_less(shorter.cost, next->cost))
				return true;
		}
	}
	return false;
}

/*
 * Whether all that go on by a hop cost more than the way that ends before it does: then they are detours
 * (rule 28). What they cost at least is asked without what is shared.
 */
static bool is_beyond(const struct run *run, const struct label *next)
{
	struct label bare = *next;

	if (!run->ends)
		return false;
	if (run->bare) {
		label_look_ahead(&bare, horizon_of(&run->horizon, next->passed, next->host), -1);
		label_look_ahead(&bare, horizon_of(run->bare, next->passed, next->host), 1);
	}
	return is_less(run->end, bare.cost);
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

	*ret_link = link_try(run->goal, from, host, method);
	if (!run->mending)
		return ret_link->open;
	if (ret_link->open && !goal_shuns(run->goal, host, NULL, NULL))
		return true;
	mends = mend_hop(run->goal, from, host, method, ret_link);
	*ret_link = mends.link;
	cost->parts[COST_CHANGES] += mends.weight;
	return mends.possible && mends.link.open;
}

/* Puts a hop into the queue of which it is asked later whether it can be made, if its turn comes. */
static void push_unasked(struct run *run, struct label *next)
{
	if (label_passes(next->parent, next->host) || is_beyond(run, next))
		return;
	next->unasked = true;
	push(run, next);
}

/* A way leads to a host that it has passed. */
static void note_crossing(struct run *run, const struct cost *cost)
{
	if (!run->crossed || cost_compare(cost, &run->crossing) < 0)
		run->crossing = *cost;
	run->crossed = true;
}

/* Tries a hop by one method. Returns whether it can be made, or is known to be of no use. */
static bool try_hop(struct run *run, const struct label *from, size_t host, enum plan_method method)
{
	const struct stand stand = {from->host, from->client, from->pieces};
	struct link link = {.client = method == PLAN_STITCHED ? from->host : from->client};
	struct label next = step(run, from, host, method, &link);

	if (!fits(run, &next) || is_known(run, &next))
		return true;
	if (run->every) {
		push_unasked(run, &next);
		return true;
	}
	if (!make_link(run, &stand, host, method, &link, &next.cost))
		return false;
	if (label_passes(from, host)) {
		note_crossing(run, &next.cost);
		return true;
	}
	/* It may have become worse than what is known: changes have their cost. */
	if (run->mending && is_known(run, &next))
		return false;
	push(run, &next);
	return next.cost.parts[COST_CHANGES] == from->cost.parts[COST_CHANGES];
}

static const struct host *host_of(const struct run *run, const struct label *label)
{
	return &run->atlas->topology->hosts[label->host];
}

static bool may_relay(const struct run *run, const struct label *from)
{
	return from->parent && host_of(run, from)->relay;
}

/* Whether the client of a next hop may run on a host: nothing else is stitched (rule 13). */
static bool may_stitch(const struct run *run, const struct label *from)
{
	const enum tunnel_method method = run->goal->options->method;

	return from->parent && method != METHOD_NESTED &&
	       (method == METHOD_STITCHED || host_of(run, from)->key_count);
}

/* Asks whether a hop in the queue can be made and is no detour. Else a relay may make it. */
static bool ask(struct run *run, const struct label *label)
{
	const struct label *from = label->parent;
	const struct stand stand = {from->host, from->client, from->pieces};

	run->tries++;
	if (link_try(run->goal, &stand, label->host, label->method).open)
		return !is_detour(run, label);
	if (label->method == PLAN_NESTED && may_relay(run, from)) {
		run->ends = false;
		try_hop(run, from, label->host, PLAN_RELAYED);
	}
	return false;
}

/*
 * Whether no label that comes later can get to a host more cheaply by a nested hop by the same VLAN or
 * rule than this one: it costs no less with what the rest costs, and from none of them the rest costs
 * more.
 */
static bool is_last_word(const struct run *run, const struct label *from, size_t node)
{
	struct cost passing = *horizon_of(&run->horizon, from->passed, node);

	passing.parts[COST_AVOIDED] += from->parent && host_of(run, from)->jump == JUMP_AVOID;
	return cost_compare(horizon_of(&run->horizon, from->passed, from->host), &passing) >= 0;
}

/*
 * Whether a client other than that of a layer may be of more use on the way: it has keys that this one
 * has not, or its pieces are joined elsewhere.
 */
static bool may_stitch_on(const struct run *run, const struct label *from)
{
	return run->goal->joint_count || run->atlas->topology->hosts[from->client].key_count;
}

/* Tries all hops to a host. Returns whether a nested one can be made, or nothing is to be won. */
static bool relax(struct run *run, const struct label *from, size_t host)
{
	bool nested;

	if (run->mending ? mend_shuns(run->goal, host) : goal_shuns(run->goal, host, NULL, NULL))
		return true;
	if (run->every) {
		if (run->tried[host] == run->expansion)
			return false;
		run->tried[host] = run->expansion;
	}
	nested = try_hop(run, from, host, PLAN_NESTED);
	if (!nested && may_relay(run, from))
		try_hop(run, from, host, PLAN_RELAYED);
	if (may_stitch(run, from))
		try_hop(run, from, host, PLAN_STITCHED);
	return nested && !may_stitch_on(run, from);
}

/* --- all that may be the next host */

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
	    !rulebook_lets_in(filling->rule, run->atlas->hosts[host].port))
		return;
	*(uint32_t *)arena_push(filling->arena, &pool->hosts, &pool->count, sizeof(*pool->hosts)) =
		(uint32_t)host;
}

/* Adds all hosts to which a connection that a rule lets through may lead. */
static void add_by_rule(struct run *run, const struct rule *rule, struct pool *pool)
{
	struct filling filling = {run, rule, pool, &run->scratch};

	if (!atlas_visit_end(run->atlas, &rule->to, add_host, &filling))
		return;
	/* They are the same for all rules that lead to any, which have one pool. */
	filling.rule = NULL;
	for (size_t h = 0; h < run->atlas->topology->host_count; h++)
		add_host(&filling, h);
}

/* Returns the pool of a VLAN or a rule; those of a host that may stitch are apart. */
static struct pool *pool_of(struct run *run, const struct label *from, size_t number, bool *ret_new)
{
	struct layer layer = run_layer(run, from);
	struct pool *pool;
	void **value;

	if (may_stitch(run, from))
		layer.pieces = UINT16_MAX;
	value = known_at(&run->pools, key_of(layer, (uint32_t)number));
	pool = *value;
	*ret_new = !pool;
	if (!pool)
		*value = pool = arena_alloc(&run->scratch, sizeof(*pool));
	return pool;
}

/*
 * Tries the hosts of a pool. Those that nothing is to be won for any more are taken out, unless a host
 * may be stitched from: nobody else makes those hops.
 */
static void relax_pool(const struct expansion *expansion, struct pool *pool, size_t node)
{
	struct run *run = expansion->run;
	const bool last = !run->every && !may_stitch(run, expansion->from) &&
			  is_last_word(run, expansion->from, node);

	for (size_t i = 0; i < pool->count;) {
		if (relax(run, expansion->from, pool->hosts[i]) && last)
			pool->hosts[i] = pool->hosts[--pool->count];
		else
			i++;
	}
}

static void relax_vlan(const struct expansion *expansion, size_t vlan)
{
	struct run *run = expansion->run;
	const size_t node = horizon_vlan(run->atlas->topology, vlan);
	bool new;
	struct pool *pool = pool_of(run, expansion->from, node, &new);
	struct filling filling = {run, NULL, pool, &run->scratch};

	if (new)
		atlas_visit_vlan(run->atlas, vlan, add_host, &filling);
	relax_pool(expansion, pool, node);
}

/* All rules that let in everywhere have one pool: what the rest costs is the same for them. */
static void relax_rule(void *context, const struct rule *rule)
{
	const struct expansion *expansion = context;
	struct run *run = expansion->run;
	const struct topology *topology = run->atlas->topology;
	const size_t node = horizon_rule(topology, rule);
	struct pool *pool;
	bool new;

	if (!rule->allow)
		return;
	pool = pool_of(run, expansion->from,
		       rule->to.kind == RULE_ANY ? horizon_everyone(topology) : node, &new);
	if (new)
		add_by_rule(run, rule, pool);
	relax_pool(expansion, pool, node);
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
	const size_t trusts = TRUST_HIGH + 1;
	unsigned *tried;

	if (!run->sources)
		run->sources = arena_array(&run->scratch, (run->goal->via_count + 1) * trusts,
					   sizeof(*run->sources));
	tried = &run->sources[expansion->from->passed * trusts + best_vlan_trust(run, host)];
	if ((*tried)++ >= SOURCES_MAX)
		return;
	for (size_t i = 0; i < run->target_count; i++)
		relax(run, expansion->from, run->targets[i]);
}

void run_expand(struct run *run, const struct label *from)
{
	struct expansion expansion = {run, from};
	const struct host *host = host_of(run, from);
	const uint32_t *guests;
	size_t count;

	if (!run->mending && from->parent && host->jump == JUMP_NO)
		return;
	run->expansion++;
	for (size_t i = 0; i < host->interface_count; i++)
		relax_vlan(&expansion, host->interfaces[i].vlan);
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

/* Puts the way that ends with a label into the queue, if it can end there. */
static void push_end(struct run *run, const struct label *label)
{
	struct goal_end end;
	struct label ended = *label;

	run->ends = false;
	if (run->endless || !label->parent || label->passed < run->goal->via_count)
		return;
	if (!make_end(run, label->host, &end))
		return;
	label_look_ahead(&ended, horizon_of(&run->horizon, label->passed, label->host), -1);
	ended = label_end(&ended, &end);
	push(run, &ended);
	run->ends = true;
	run->end = ended.cost;
}

const struct label *run_next(struct run *run)
{
	struct label *label;

	while ((label = heap_pop(&run->queue))) {
		struct state *state;

		if (label->unasked && !(ask(run, label) && trails_keep(&run->trails, label)))
			continue;
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
		run->given_up = run->every && run->tries > TRIES_MAX;
		if (run->given_up || (run->most && run->expansion == run->most))
			return NULL;
		push_end(run, label);
		run_expand(run, label);
	}
	return label;
}
