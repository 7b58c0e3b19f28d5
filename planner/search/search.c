#include "planner/search/search.h"

#include <string.h>

#include "planner/search/path_search.h"

void search_look(struct goal *goal, struct arena *arena)
{
	struct lower_bound *bound = arena_alloc(arena, sizeof(*bound));

	lower_bound_find(bound, goal, &policy_best, NULL, arena);
	goal->bound = bound;
}

/* With the lower bounds of a goal that has more paths, so many labels are expanded at most. */
#define BORROWED_MAX 64

/*
 * Searches with known lower bounds, and expands `most` labels at most (0: no limit). Sets whether
 * the path that was found may not be the best one.
 */
static enum search_end search_with(const struct goal *goal, const struct lower_bound *bound,
				   const struct policy *policy, size_t most, struct arena *arena,
				   struct plan_path *ret_path, bool *ret_crossed)
{
	const struct label *label = NULL;
	enum search_end end;
	struct path_search search;

	path_search_init(&search, goal, policy);
	search.most = most;
	search.bound = *bound;
	if (!bound->none) {
		path_search_start(&search);
		label = path_search_on(&search);
	}
	if (label)
		*ret_path = label_path(label, arena);
	*ret_crossed =
		search.crossed && (!label || cost_compare(&search.crossing, &label->cost) <= 0);
	end = label ? SEARCH_FOUND : search.given_up ? SEARCH_GIVEN_UP : SEARCH_NONE;
	path_search_finish(&search);
	return end;
}

enum search_end search_best(const struct goal *goal, struct arena *arena,
			    struct plan_path *ret_path)
{
	const size_t most = goal->borrowed ? BORROWED_MAX : 0;
	struct arena scratch = {0};
	struct lower_bound bound;
	enum search_end end, exactly;
	bool crossed;

	if (goal->bound)
		bound = *goal->bound;
	else
		lower_bound_find(&bound, goal, &policy_best, NULL, &scratch);
	end = search_with(goal, &bound, &policy_best, most, arena, ret_path, &crossed);
	if (most && end == SEARCH_GIVEN_UP) {
		lower_bound_find(&bound, goal, &policy_best, NULL, &scratch);
		end = search_with(goal, &bound, &policy_best, 0, arena, ret_path, &crossed);
	}
	if (crossed) {
		exactly = search_with(goal, &bound, &policy_exact, 0, arena, ret_path, &crossed);
		end = end == SEARCH_FOUND ? end : exactly;
	}
	arena_finish(&scratch);
	return end;
}

int search_compare(const struct topology *topology, const struct plan_path *a,
		   const struct plan_path *b)
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
	struct path_search search;

	anywhere.via_count = 0;
	anywhere.exit.count = 0;
	path_search_init(&search, &anywhere, &policy_reachable);
	path_search_start(&search);
	while ((label = path_search_next(&search))) {
		reachable[label->host] = label->parent != NULL;
		path_search_expand(&search, label);
	}
	path_search_finish(&search);
	return reachable;
}
