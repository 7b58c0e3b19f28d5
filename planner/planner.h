/*
 * Planner: (topology, me, request) -> plan, or the reasons why there is none.
 *
 *     request.h -> task.h -> goal.h -> search.h -> way -> build.h -> struct plan
 *                                         |
 *                         link.h, reach.h (may this hop be made?)
 *
 * The topology is that from where me is now (topology_at()); which places these are is only shown.
 * tunplan(7) has the rules, by the numbers that the code names.
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
