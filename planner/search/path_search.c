#include "planner/search/path_search.h"

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
static uint32_t client_of(const struct path_search *search, const struct label *label)
{
	const bool stitches = search->goal->options->method == METHOD_STITCHED && label->parent &&
			      search->network_index->topology->hosts[label->host].key_count == 0;

	return stitches ? label->host : label->client;
}

/* Returns the hops of a label, or 0 without `max_hops`. */
static uint16_t hops_of(const struct path_search *search, const struct label *label)
{
	return search->goal->options->max_hops ? label->depth : 0;
}

struct layer path_search_layer(const struct path_search *search, const struct label *label)
{
	return (struct layer){
		.client = client_of(search, label),
		.passed = label->passed,
		.depth = hops_of(search, label),
		.pieces = search->goal->joint_count ? label->pieces : 0,
		.set = search->policy->exact ? label->set : 0,
	};
}

struct known_key path_search_key(struct layer layer, uint32_t number)
{
	return (struct known_key){((uint64_t)number << 32 | layer.client) ^ layer.set,
				  (uint64_t)layer.passed << 32 | (uint32_t)layer.depth << 16 |
					  layer.pieces};
}

static struct state *state_of(struct path_search *search, const struct label *label)
{
	struct layer layer = path_search_layer(search, label);
	void **value;

	layer.depth = 0;
	value = known_at(&search->states, path_search_key(layer, label->host));
	if (!*value)
		*value = arena_alloc(&search->scratch, sizeof(struct state));
	return *value;
}

static bool is_settled(const struct path_search *search, const struct state *state,
		       const struct label *label)
{
	return state->settled && hops_of(search, label) + 1u >= state->settled;
}

bool path_search_knows(struct path_search *search, const struct label *next)
{
	const struct state *state = state_of(search, next);

	return is_settled(search, state, next) ||
	       (state->best && hops_of(search, next) >= hops_of(search, state->best) &&
		label_compare(search->network_index->topology, next, state->best) >= 0);
}

/* --- the queue */

static int compare_labels(const void *context, const void *a, const void *b)
{
	return label_compare(context, a, b);
}

void path_search_push(struct path_search *search, const struct label *label)
{
	struct label *kept = arena_alloc(&search->scratch, sizeof(*kept));

	*kept = *label;
	if (!kept->complete)
		state_of(search, kept)->best = kept;
	heap_push(&search->queue, kept);
}

void path_search_init(struct path_search *search, const struct goal *goal,
		      const struct policy *policy)
{
	*search = (struct path_search){
		.goal = goal, .policy = policy, .network_index = goal->network_index};
	search->queue =
		(struct heap){.compare = compare_labels, .context = goal->network_index->topology};
}

void path_search_finish(struct path_search *search)
{
	heap_finish(&search->queue);
	known_finish(&search->states);
	known_finish(&search->pools);
	arena_finish(&search->scratch);
}

/* Every label includes the bound on its rest, so the root's cost is the bound on a whole path. */
void path_search_start(struct path_search *search)
{
	struct label root = label_root(search->goal);

	label_look_ahead(&root, lower_bound_of(&search->bound, 0, root.host), 1);
	path_search_push(search, &root);
}

/* --- to the end */

/* Queues the complete path that ends with a label, if it can end there. */
static void push_end(struct path_search *search, const struct label *label)
{
	struct goal_end end;
	struct label ended = *label;

	if (!search->policy->can_end || !label->parent || label->passed < search->goal->via_count)
		return;
	if (!search->policy->can_end(search->goal, label->host, &end))
		return;
	label_look_ahead(&ended, lower_bound_of(&search->bound, label->passed, label->host), -1);
	ended = label_end(&ended, &end);
	path_search_push(search, &ended);
}

const struct label *path_search_next(struct path_search *search)
{
	struct label *label;

	while ((label = heap_pop(&search->queue))) {
		struct state *state;

		if (label->complete)
			return label;
		state = state_of(search, label);
		if (is_settled(search, state, label))
			continue;
		state->settled = hops_of(search, label) + 1u;
		return label;
	}
	return NULL;
}

const struct label *path_search_on(struct path_search *search)
{
	const struct label *label;

	while ((label = path_search_next(search)) && !label->complete) {
		search->given_up = (search->policy->exact && search->tries > TRIES_MAX) ||
				   (search->most && search->expansions == search->most);
		if (search->given_up)
			return NULL;
		push_end(search, label);
		path_search_expand(search, label);
	}
	return label;
}
