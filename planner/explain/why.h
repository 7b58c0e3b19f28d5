/*
 * Why: the reason for each host that was considered and is not used, and the words for a request
 * that has no plan.
 *
 * Asks reach.h, link.h and goal.h again what the search asked them, host by host; decides nothing.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_WHY_H
#define TUNPLAN_PLANNER_EXPLAIN_WHY_H

#include "planner/search/task.h"

/*
 * Fills plan->rejected with the hosts on which a way to an egress could end and does not, sorted by
 * name. In a network of thousands only those on the egress's VLANs are asked.
 */
void why_rejected(struct plan *plan, const struct task *const *tasks, size_t count,
		  struct arena *arena);

/* Fills the failure of a task for which there is no way to one of its goals. */
void why_no_way(const struct task *task, const struct goal *goal, struct arena *arena,
		struct plan_failure *ret_failure);

#endif
