/*
 * Why: for each host that was considered and is not used, the reason; and the text of the failure
 * for a request that has no plan.
 *
 * Asks reach.h, link.h and goal.h the questions that the search asked them, again for each host;
 * decides nothing.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_WHY_H
#define TUNPLAN_PLANNER_EXPLAIN_WHY_H

#include "planner/search/task.h"

/*
 * Fills plan->rejected with the hosts on which a path to an egress could end but does not, sorted
 * by name. In a large network only hosts on the egress's VLANs are asked.
 */
void why_rejected(struct plan *plan, const struct task *const *tasks, size_t count,
		  struct arena *arena);

/* Fills the failure of a task with a goal that no path leads to. */
void why_no_path(const struct task *task, const struct goal *goal, struct arena *arena,
		 struct plan_failure *ret_failure);

#endif
