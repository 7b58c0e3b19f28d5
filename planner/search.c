#include "planner/search.h"

#include <string.h>

#include "planner/heap.h"

/* A way to a state. Labels are never changed once they are in the queue. */
struct label {
	const struct label *parent; /* NULL: me */
	size_t host;
	size_t passed; /* waypoints */
	struct cost cost;
	bool complete; /* the chain ends here, and the cost has the exit's exposure in it */
};

/* A host with some of the waypoints passed. */
struct state {
	const struct label *best; /* the best known way here; NULL: none yet */
	bool settled;             /* there is no better one */
};

/* One run of the search. */
struct run {
	const struct search *search;
	const struct topology *topology;
	struct arena scratch;
	struct state *states; /* per host and number of waypoints passed */
	bool *banned;         /* per host: not to be visited (again) */
	struct heap queue;
	const struct label *start; /* where the search begins: me, or the end of a fixed prefix */
	size_t not_next;           /* host that may not follow start; TOPOLOGY_NONE: any may */
	bool not_end;              /* the chain may not end at start */
	bool endless;              /* no chain ends: settle all that can be reached */
};

/* Compares the names along two chains of the same length: the difference nearest to me decides. */
static int compare_names(const struct topology *topology, const struct label *a,
			 const struct label *b)
{
	int order = 0;

	for (; a != b; a = a->parent, b = b->parent) {
		const int here =
			strcmp(topology->hosts[a->host].name, topology->hosts[b->host].name);

		if (here)
			order = here;
	}
	return order;
}

/* Equal costs imply the same number of hops, so that the names can be compared. */
static int compare_labels(const void *context, const void *a, const void *b)
{
	const struct label *left = a;
	const struct label *right = b;
	const int order = cost_compare(&left->cost, &right->cost);

	return order ? order : compare_names(context, left, right);
}

static struct state *state_of(const struct run *run, const struct label *label)
{
	return &run->states[label->host * (run->search->via_count + 1) + label->passed];
}

bool search_shuns(const struct search *search, size_t host)
{
	const struct tunnel_options *options = search->ends->options;

	for (size_t i = 0; i < options->avoid_host_count; i++)
		if (options->avoid_hosts[i] == host)
			return true;
	return search->neighbours->topology->hosts[host].trust < options->min_trust;
}

static void run_init(struct run *run, const struct search *search)
{
	const struct topology *topology = search->neighbours->topology;
	const size_t states = topology->host_count * (search->via_count + 1);
	struct label *me;

	*run = (struct run){
		.search = search,
		.topology = topology,
		.not_next = TOPOLOGY_NONE,
	};
	run->states = arena_array(&run->scratch, states, sizeof(*run->states));
	run->banned = arena_array(&run->scratch, topology->host_count, sizeof(*run->banned));
	run->queue = (struct heap){
		.arena = &run->scratch,
		.compare = compare_labels,
		.context = topology,
	};
	me = arena_alloc(&run->scratch, sizeof(*me));
	me->host = search->ends->me;
	run->start = me;
	run->banned[me->host] = true;
	for (size_t h = 0; h < topology->host_count; h++)
		run->banned[h] |= search_shuns(search, h);
}

static void run_finish(struct run *run)
{
	arena_finish(&run->scratch);
}

/* The label of the chain one hop longer. */
static struct label step(const struct run *run, const struct label *label, size_t host)
{
	const struct search *search = run->search;
	struct label next = {
		.parent = label,
		.host = host,
		.passed = label->passed,
		.cost = label->cost,
	};

	if (next.passed < search->via_count && search->via[next.passed] == host)
		next.passed++;
	next.cost.parts[COST_HOPS]++;
	return next;
}

static void push(struct run *run, const struct label *label)
{
	struct label *kept = arena_alloc(&run->scratch, sizeof(*kept));

	*kept = *label;
	if (!kept->complete)
		state_of(run, kept)->best = kept;
	heap_push(&run->queue, kept);
}

/* Moves the start along a fixed prefix, whose hosts are then banned: no host is visited twice. */
static void run_follow(struct run *run, const size_t *prefix, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct label *label = arena_alloc(&run->scratch, sizeof(*label));

		*label = step(run, run->start, prefix[i]);
		run->start = label;
		run->banned[prefix[i]] = true;
	}
}

struct expansion {
	struct run *run;
	const struct label *label;
};

/* Considers one more hop (rule 8). */
static void relax(void *context, size_t host)
{
	const struct expansion *expansion = context;
	struct run *run = expansion->run;
	const struct label *from = expansion->label;
	const struct label next = step(run, from, host);
	const struct state *known = state_of(run, &next);
	const struct tunnel_options *options = run->search->ends->options;

	if (known->settled || run->banned[host] || run->topology->hosts[host].ssh->none ||
	    ends_forbids(run->search->ends, host))
		return;
	if (from == run->start && host == run->not_next)
		return;
	if (known->best && compare_labels(run->topology, &next, known->best) >= 0)
		return;
	if (from->parent && run->topology->hosts[from->host].jump == JUMP_NO)
		return;
	if (options->max_hops && next.cost.parts[COST_HOPS] > options->max_hops)
		return;
	if (reach_sshd(run->topology, from->host, host, from->parent != NULL, options).open)
		push(run, &next);
}

static bool can_end(const struct run *run, const struct label *label)
{
	const struct search *search = run->search;

	if (run->endless || !label->parent || label->passed < search->via_count)
		return false;
	if (run->not_end && label == run->start)
		return false;
	if (search->exit != TOPOLOGY_NONE && search->exit != label->host)
		return false;
	return ends_at(search->ends, label->host);
}

/* Runs to the first complete chain, which is the best one, or until all is settled. */
static const struct label *run_search(struct run *run)
{
	const struct label *label;

	heap_push(&run->queue, run->start);
	while ((label = heap_pop(&run->queue))) {
		struct state *state = state_of(run, label);
		struct expansion expansion = {run, label};

		if (label->complete)
			return label;
		if (state->settled)
			continue;
		state->settled = true;
		if (can_end(run, label)) {
			struct label end = *label;

			end.complete = true;
			end.cost.parts[COST_EXPOSURE] += ends_clear(run->search->ends, label->host);
			push(run, &end);
		}
		neighbours_visit(run->search->neighbours, label->host, relax, &expansion);
	}
	return NULL;
}

static void chain_from(const struct label *label, struct arena *arena, struct chain *ret_chain)
{
	size_t at = label->cost.parts[COST_HOPS];

	ret_chain->count = at;
	ret_chain->cost = label->cost;
	ret_chain->hosts = arena_array(arena, at, sizeof(*ret_chain->hosts));
	for (; at > 0; label = label->parent)
		ret_chain->hosts[--at] = label->host;
}

bool search_best(const struct search *search, struct arena *arena, struct chain *ret_chain)
{
	struct run run;
	const struct label *end;

	run_init(&run, search);
	end = run_search(&run);
	if (end)
		chain_from(end, arena, ret_chain);
	run_finish(&run);
	return end != NULL;
}

/* Searches for the best chain that leaves the best one after a prefix of it. */
static bool search_spur(const struct search *search, const struct chain *best, size_t prefix,
			struct arena *arena, struct chain *ret_chain)
{
	struct run run;
	const struct label *end;

	run_init(&run, search);
	run_follow(&run, best->hosts, prefix);
	if (prefix < best->count)
		run.not_next = best->hosts[prefix];
	else
		run.not_end = true;
	end = run_search(&run);
	if (end)
		chain_from(end, arena, ret_chain);
	run_finish(&run);
	return end != NULL;
}

/* Compares the names of two chains that cost the same. */
static int compare_chains(const struct topology *topology, const struct chain *a,
			  const struct chain *b)
{
	int order = cost_compare(&a->cost, &b->cost);

	for (size_t i = 0; order == 0 && i < a->count; i++)
		order = strcmp(topology->hosts[a->hosts[i]].name,
			       topology->hosts[b->hosts[i]].name);
	return order;
}

bool search_next(const struct search *search, const struct chain *best, struct arena *arena,
		 struct chain *ret_chain)
{
	bool found = false;

	for (size_t prefix = 0; prefix <= best->count; prefix++) {
		struct chain chain;

		if (!search_spur(search, best, prefix, arena, &chain))
			continue;
		if (!found || compare_chains(search->neighbours->topology, &chain, ret_chain) < 0)
			*ret_chain = chain;
		found = true;
	}
	return found;
}

const bool *search_reachable(const struct search *search, struct arena *arena)
{
	const struct search all = {
		.neighbours = search->neighbours,
		.ends = search->ends,
		.exit = TOPOLOGY_NONE,
	};
	const size_t count = search->neighbours->topology->host_count;
	bool *reachable = arena_array(arena, count, sizeof(*reachable));
	struct run run;

	run_init(&run, &all);
	run.endless = true;
	run_search(&run);
	for (size_t host = 0; host < count; host++)
		reachable[host] = run.states[host].settled;
	reachable[search->ends->me] = false;
	run_finish(&run);
	return reachable;
}
