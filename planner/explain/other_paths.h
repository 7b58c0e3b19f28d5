/*
 * Other paths: the runner-up to the chosen path, alternatives, and the hosts that every path passes.
 *
 * All three follow from one question, asked again and again: which path is the best without some
 * hosts? A path that has all hosts of an earlier one is a detour, so the next path lacks one of
 * them. Rules 28 to 30 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_OTHER_PATHS_H
#define TUNPLAN_PLANNER_EXPLAIN_OTHER_PATHS_H

#include "planner/model/plan.h"
#include "planner/search/goal.h"

/*
 * Fills the runner-up to route->path, which is the best path to the goal; with alternatives, how many
 * are wanted at most, also these and the hosts that the tunnel depends on (all in arena).
 */
void other_paths_find(const struct goal *goal, size_t alternatives, struct arena *arena,
		      struct plan_route *route);

#endif
