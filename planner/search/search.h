/*
 * Search: the best way from me to a goal, and the best ones beside it.
 *
 * A label-setting search (Dijkstra's, led by horizon.h) over states: the host, on which host the ssh
 * client of its hop runs, how many waypoints are passed, and what else the rest of a way depends on.
 * Edges are derived as it goes (link.h). Costs are vectors; equal ones are decided by the hosts' names
 * along the ways, so the result never depends on the order of the file. Rules 9 to 31 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_SEARCH_H
#define TUNPLAN_PLANNER_SEARCH_SEARCH_H

#include "planner/search/goal.h"

/* How a search ends: of all ways, so many hops are tried and no more (run_every()). */
enum search_end { SEARCH_FOUND, SEARCH_NONE, SEARCH_GIVEN_UP };

/* Looks back from a goal once for all searches for it; what it sees lives in arena. */
void search_look(struct goal *goal, struct arena *arena);

/*
 * Finds the best way (its arrays in arena).
 *
 * Where waypoints have to be passed in an order that leads back and forth, the best way that passes no
 * host twice is looked for among all ways.
 */
enum search_end search_best(const struct goal *goal, struct arena *arena, struct plan_way *ret_way);

/*
 * Finds up to `most` ways beside the best one, as rules 28 and 29 order them (the arrays in arena), and how
 * many. Returns how the search ended for the last one of them, or the first one that was not found.
 */
enum search_end search_alternatives(const struct goal *goal, const struct plan_way *best,
				    size_t most, struct arena *arena, struct plan_way *ret_ways,
				    size_t *ret_count);

/* Finds the best way beside the best one that is no detour (rule 28). */
enum search_end search_next(const struct goal *goal, const struct plan_way *best,
			    struct arena *arena, struct plan_way *ret_way);

/* Returns for each host whether a way can get to it at all, waypoints and exit apart; in arena. */
const bool *search_reachable(const struct goal *goal, struct arena *arena);

/*
 * Finds the cheapest methods for a list of hosts that is to be a way. Returns false when it is none.
 * ret_way shares the hosts.
 */
bool search_fixed(const struct goal *goal, const size_t *hosts, size_t count, struct arena *arena,
		  struct plan_way *ret_way);

#endif
