/*
 * Plan asked: a plan that knows what the user's ssh_config makes of its hops.
 *
 * For whoever shows a plan or writes its commands down. It is planned twice, because only a plan tells
 * whom ssh is to be asked about.
 */
#ifndef TUNPLAN_CMD_PLAN_ASKED_H
#define TUNPLAN_CMD_PLAN_ASKED_H

#include "exec/ssh/ssh_config.h"
#include "planner/planner.h"

/*
 * Plans a request, as planner_plan() does, and gives it the facts about the hops; what ssh says is kept
 * in config, which must outlive the plan.
 */
bool plan_asked(struct ssh_config *config, struct plan_request *request, struct arena *arena,
		const struct plan **ret_plan, struct plan_failure *ret_failure);

#endif
