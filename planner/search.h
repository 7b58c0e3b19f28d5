/*
 * Search: the best way from me to a goal, and the best ones beside it.
 *
 * A label-setting search (Dijkstra's, led by horizon.h) over states: the host, on which host the ssh
 * client of its hop runs, how many waypoints are passed, and what else the rest of a way depends on.
 * Edges are derived as it goes (link.h). Costs are vectors; equal ones are decided by the hosts' names
 * along the ways, so the result never depends on the order of the file. Rules 9 to 29 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_H
#define TUNPLAN_PLANNER_SEARCH_H

#include "planner/goal.h"

/* Looks back from a goal once for all searches for it; what it sees lives in arena. */
void search_look(struct goal *goal, struct arena *arena);

/*
 * Finds the best way (its arrays in arena). Returns false when there is none.
 *
 * Where waypoints have to be passed in an order that leads back and forth, the best way that passes no
 * host twice is looked for among all ways, and after some hundred thousand hops given up (run_every()).
 */
bool search_best(const struct goal *goal, struct arena *arena, struct plan_way *ret_way);

/*
 * Finds up to `most` ways beside the best one, as rules 28 and 29 order them, and returns how many
 * (the arrays in arena). Fewer than `most`: there are no more, or the search was given up.
 */
size_t search_alternatives(const struct goal *goal, const struct plan_way *best, size_t most,
			   struct arena *arena, struct plan_way *ret_ways);

/*
 * Finds the best way beside the best one that is no detour (rule 28). Returns false when there is none,
 * or the search was given up.
 */
bool search_next(const struct goal *goal, const struct plan_way *best, struct arena *arena,
		 struct plan_way *ret_way);

/* Returns for each host whether a way can get to it at all, waypoints and exit apart; in arena. */
const bool *search_reachable(const struct goal *goal, struct arena *arena);

/*
 * Finds the cheapest methods for a list of hosts that is to be a way. Returns false when it is none.
 * ret_way shares the hosts.
 */
bool search_fixed(const struct goal *goal, const size_t *hosts, size_t count, struct arena *arena,
		  struct plan_way *ret_way);

#endif
