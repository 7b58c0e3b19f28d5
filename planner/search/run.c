#include "planner/search/running.h"

#include "planner/search/change.h"

/*
 * How many hops an exact search tries: a network of eight hosts never needs so many (rule 31).
 */
#define TRIES_MAX 400000

/* The best known path to a state. With `max_hops`, only paths of fewer hops can still be of use. */
struct state {
	const struct label *best; /* NULL: none yet */
	uint32_t settled;         /* 1 + the hops of the last label expanded here; 0: none yet */
};

/* --- states */

/* If every hop is stitched, the next hop does not depend on the last one's client. */
static uint32_t client_of(const struct run *run, const struct label *label)
{
	const bool stitches = run->goal->options->method == METHOD_STITCHED && label->parent &&
			      run->network_index->topology->hosts[label->host].key_count == 0;

	return stitches ? label->host : label->client;
}

/* Returns the hops of a label, or 0 without `max_hops`. */
static uint16_t hops_of(const struct run *run, const struct label *label)
{
	return run->goal->options->max_hops ? label->depth : 0;
}

struct layer run_layer(const struct run *run, const struct label *label)
{
	return (struct layer){
		.client = client_of(run, label),
		.passed = label->passed,
		.depth = hops_of(run, label),
		.pieces = run->goal->joint_count ? label->pieces : 0,
		.set = run->exact ? label->set : 0,
	};
}

bool run_same_layer(struct layer a, struct layer b)
{
	return a.client == b.client && a.passed == b.passed && a.pieces == b.pieces;
}

struct known_key run_key(struct layer layer, uint32_t number)
{
	return (struct known_key){((uint64_t)number << 32 | layer.client) ^ layer.set,
				  (uint64_t)layer.passed << 32 | (uint32_t)layer.depth << 16 |
					  layer.pieces};
}

static struct state *state_of(struct run *run, const struct label *label)
{
	struct layer layer = run_layer(run, label);
	void **value;

	layer.depth = 0;
	value = known_at(&run->states, run_key(layer, label->host));
	if (!*value)
		*value = arena_alloc(&run->scratch, sizeof(struct state));
	return *value;
}

static bool is_settled(const struct run *run, const struct state *state, const struct label *label)
{
	return state->settled && hops_of(run, label) + 1u >= state->settled;
}

bool run_knows(struct run *run, const struct label *next)
{
	const struct state *state = state_of(run, next);

	return is_settled(run, state, next) ||
	       (state->best && hops_of(run, next) >= hops_of(run, state->best) &&
		label_compare(run->network_index->topology, next, state->best) >= 0);
}

/* --- the queue */

static int compare_labels(const void *context, const void *a, const void *b)
{
	return label_compare(context, a, b);
}

void run_push(struct run *run, const struct label *label)
{
	struct label *kept = arena_alloc(&run->scratch, sizeof(*kept));

	*kept = *label;
	if (!kept->complete)
		state_of(run, kept)->best = kept;
	heap_push(&run->queue, kept);
}

void run_init(struct run *run, const struct goal *goal)
{
	*run = (struct run){.goal = goal, .network_index = goal->network_index};
	run->queue = (struct heap){
		.arena = &run->scratch,
		.compare = compare_labels,
		.context = goal->network_index->topology,
	};
	run->states.arena = &run->scratch;
	run->pools.arena = &run->scratch;
}

void run_finish(struct run *run)
{
	arena_finish(&run->scratch);
}

/* Every label includes the bound on its rest, so the root's cost is the bound on a whole path. */
void run_start(struct run *run)
{
	struct label root = label_root(run->goal);

	label_look_ahead(&root, lower_bound_of(&run->bound, 0, root.host), 1);
	run_push(run, &root);
}

/* --- to the end */

/*
 * Whether a path can end on a host, or could after changes, whose weight is added to the end's
 * cost.
 */
static bool make_end(const struct run *run, size_t host, struct goal_end *ret_end)
{
	struct needed_changes needed;

	if (!run->mending) {
		*ret_end = goal_end(run->goal, host);
		return ret_end->open;
	}
	needed = change_for_end(run->goal, host, ret_end);
	ret_end->cost.parts[COST_CHANGES] += needed.weight;
	return needed.possible && ret_end->open;
}

/* Queues the complete path that ends with a label, if it can end there. */
static void push_end(struct run *run, const struct label *label)
{
	struct goal_end end;
	struct label ended = *label;

	if (run->endless || !label->parent || label->passed < run->goal->via_count)
		return;
	if (!make_end(run, label->host, &end))
		return;
	label_look_ahead(&ended, lower_bound_of(&run->bound, label->passed, label->host), -1);
	ended = label_end(&ended, &end);
	run_push(run, &ended);
}

const struct label *run_next(struct run *run)
{
	struct label *label;

	while ((label = heap_pop(&run->queue))) {
		struct state *state;

		if (label->complete)
			return label;
		state = state_of(run, label);
		if (is_settled(run, state, label))
			continue;
		state->settled = hops_of(run, label) + 1u;
		return label;
	}
	return NULL;
}

const struct label *run_on(struct run *run)
{
	const struct label *label;

	while ((label = run_next(run)) && !label->complete) {
		run->given_up = (run->exact && run->tries > TRIES_MAX) ||
				(run->most && run->expansion == run->most);
		if (run->given_up)
			return NULL;
		push_end(run, label);
		run_expand(run, label);
	}
	return label;
}
