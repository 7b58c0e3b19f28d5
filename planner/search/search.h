/*
 * Search: the best path from me to a goal.
 *
 * A label-setting search (Dijkstra's, guided by lower_bound.h) over the states of path_search.h. Edges are
 * derived as the search goes (link.h). Costs are vectors; equal costs are decided by the hosts'
 * names along the paths, so the result never depends on the order of the file. Rules 9 to 26 and 31 of
 * tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_SEARCH_H
#define TUNPLAN_PLANNER_SEARCH_SEARCH_H

#include "planner/search/goal.h"

/* How a search ends. It is given up only if the paths lead back and forth (rule 31). */
enum search_end { SEARCH_FOUND, SEARCH_NONE, SEARCH_GIVEN_UP };

/* Finds the goal's lower bounds (lower_bound.h) once for all searches; they live in arena. */
void search_look(struct goal *goal, struct arena *arena);

/*
 * Finds the best path (its arrays in arena).
 *
 * If the order of `via` leads back and forth, so that the cheapest path would pass a host twice, an
 * exact search (path_search.h) finds the best one that does not.
 */
enum search_end search_best(const struct goal *goal, struct arena *arena,
			    struct plan_path *ret_path);

/* Compares two paths as strcmp() does: by cost, then by rule 26. */
int search_compare(const struct topology *topology, const struct plan_path *a,
		   const struct plan_path *b);

/* Returns for each host whether a path can reach it, ignoring `via` and `exit`; in arena. */
const bool *search_reachable(const struct goal *goal, struct arena *arena);

#endif
