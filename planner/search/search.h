/*
 * Search: the best path from me to a goal, and the next best ones.
 *
 * A label-setting search (Dijkstra's, guided by horizon.h) over the states of run.h. Edges are
 * derived as the search goes (link.h). Costs are vectors; equal costs are decided by the hosts'
 * names along the paths, so the result never depends on the order of the file. Rules 9 to 31 of
 * tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_SEARCH_H
#define TUNPLAN_PLANNER_SEARCH_SEARCH_H

#include "planner/search/goal.h"

/* How a search ends. Enumerating paths is given up after too many hops (run_every()). */
enum search_end { SEARCH_FOUND, SEARCH_NONE, SEARCH_GIVEN_UP };

/* Finds the goal's lower bounds (horizon.h) once for all searches; they live in arena. */
void search_look(struct goal *goal, struct arena *arena);

/*
 * Finds the best path (its arrays in arena).
 *
 * If the order of `via` leads back and forth, so that the cheapest path would pass a host twice,
 * all paths are enumerated to find the best one that does not.
 */
enum search_end search_best(const struct goal *goal, struct arena *arena, struct plan_way *ret_way);

/*
 * Finds up to `most` further paths, in the order of rules 28 and 29 (the arrays in arena), and
 * their number. Returns how the search for the last path ended, or for the first that was not
 * found.
 */
enum search_end search_alternatives(const struct goal *goal, const struct plan_way *best,
				    size_t most, struct arena *arena, struct plan_way *ret_ways,
				    size_t *ret_count);

/* Finds the runner-up: the cheapest other path that is no detour (rule 28). */
enum search_end search_next(const struct goal *goal, const struct plan_way *best,
			    struct arena *arena, struct plan_way *ret_way);

/* Returns for each host whether a path can reach it, ignoring `via` and `exit`; in arena. */
const bool *search_reachable(const struct goal *goal, struct arena *arena);

/*
 * Finds the cheapest methods of hops for a given list of hosts. Returns false if the list is no
 * path. ret_way shares the array of hosts.
 */
bool search_fixed(const struct goal *goal, const size_t *hosts, size_t count, struct arena *arena,
		  struct plan_way *ret_way);

#endif
