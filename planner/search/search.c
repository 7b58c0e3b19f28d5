#include "planner/search/search.h"

#include <string.h>

#include "planner/search/run.h"

/* Returns how a search has ended that has found a label, or none. */
static enum search_end end_of(const struct run *run, bool found)
{
	if (found)
		return SEARCH_FOUND;
	return run->given_up ? SEARCH_GIVEN_UP : SEARCH_NONE;
}

void search_look(struct goal *goal, struct arena *arena)
{
	struct lower_bound *bound = arena_alloc(arena, sizeof(*bound));

	lower_bound_find(bound, goal, NULL, arena);
	goal->bound = bound;
}

/* Returns the lower bounds for a goal, which may be known. */
static struct lower_bound look(const struct goal *goal, struct arena *arena)
{
	struct lower_bound bound;

	if (goal->bound)
		return *goal->bound;
	lower_bound_find(&bound, goal, NULL, arena);
	return bound;
}

/* With the lower bounds of a goal that has more paths, so many labels are expanded at most. */
#define BORROWED_MAX 64

/* How a search with known lower bounds goes about it. */
struct manner {
	bool exact;  /* run.h */
	size_t most; /* how many labels are expanded at most; 0: no limit */
};

/* Searches with known lower bounds. Sets whether the path that was found may not be the best one. */
static enum search_end search_with(const struct goal *goal, const struct lower_bound *bound,
				   struct manner manner, struct arena *arena,
				   struct plan_way *ret_way, bool *ret_crossed)
{
	const struct label *label;
	enum search_end end;
	struct run run;

	run_init(&run, goal);
	run.exact = manner.exact;
	run.most = manner.most;
	run.bound = *bound;
	run_start(&run);
	label = run_on(&run);
	if (label)
		*ret_way = label_way(label, arena);
	*ret_crossed = run.crossed && (!label || cost_compare(&run.crossing, &label->cost) <= 0);
	end = end_of(&run, label);
	run_finish(&run);
	return end;
}

enum search_end search_best(const struct goal *goal, struct arena *arena, struct plan_way *ret_way)
{
	const struct manner plain = {0}, hasty = {.most = BORROWED_MAX}, exact = {.exact = true};
	struct arena scratch = {0};
	struct lower_bound bound = look(goal, &scratch);
	enum search_end end = SEARCH_NONE, exactly;
	bool crossed = false;

	if (!bound.none)
		end = search_with(goal, &bound, goal->borrowed ? hasty : plain, arena, ret_way,
				  &crossed);
	if (goal->borrowed && end == SEARCH_GIVEN_UP) {
		lower_bound_find(&bound, goal, NULL, &scratch);
		end = SEARCH_NONE;
		crossed = false;
		if (!bound.none)
			end = search_with(goal, &bound, plain, arena, ret_way, &crossed);
	}
	if (crossed) {
		exactly = search_with(goal, &bound, exact, arena, ret_way, &crossed);
		end = end == SEARCH_FOUND ? end : exactly;
	}
	arena_finish(&scratch);
	return end;
}

int search_compare(const struct topology *topology, const struct plan_way *a,
		   const struct plan_way *b)
{
	int order = cost_compare(&a->cost, &b->cost);

	for (size_t i = 0; !order && i < a->count && i < b->count; i++)
		order = strcmp(topology->hosts[a->hosts[i]].name,
			       topology->hosts[b->hosts[i]].name);
	if (!order)
		order = (int)a->count - (int)b->count;
	for (size_t i = 0; !order && i < a->count; i++)
		order = (int)a->methods[i] - (int)b->methods[i];
	return order;
}

/* --- other questions */

const bool *search_reachable(const struct goal *goal, struct arena *arena)
{
	struct goal anywhere = *goal;
	bool *reachable =
		arena_array(arena, goal->network_index->topology->host_count, sizeof(*reachable));
	const struct label *label;
	struct run run;

	anywhere.via_count = 0;
	anywhere.exit = TOPOLOGY_NONE;
	run_init(&run, &anywhere);
	run.endless = true;
	run_start(&run);
	while ((label = run_next(&run))) {
		reachable[label->host] = label->parent != NULL;
		run_expand(&run, label);
	}
	run_finish(&run);
	return reachable;
}
