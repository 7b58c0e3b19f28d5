/*
 * Planner: (topology, me, request) -> plan, or the reasons why there is none.
 *
 *     request.h -> task.h -> goal.h -> search.h -> path -> build.h -> struct plan
 *                                         |
 *                         link.h, reach.h (is this hop possible?)
 *
 * The topology is the one at this machine's present places (topology_at()); the plan names these
 * places, but nothing else depends on them. Comments name the rules of tunplan(7) by their numbers.
 *
 * Pure: no clock, files, environment, processes or globals. The same input gives the same plan,
 * whatever the order of the keys in the file.
 */
#ifndef TUNPLAN_PLANNER_PLANNER_H
#define TUNPLAN_PLANNER_PLANNER_H

#include "planner/model/request.h"
#include "planner/reach/network_index.h"

/*
 * Plans a tunnel. Returns true and sets *ret_plan (in arena), or returns false and fills
 * *ret_failure. The untouched one stays untouched.
 */
bool planner_plan(const struct plan_request *request, struct arena *arena,
		  const struct plan **ret_plan, struct plan_failure *ret_failure);

#endif
