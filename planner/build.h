/*
 * Build: ways -> the hops and forwards of a plan.
 *
 * A way becomes hops, of which those that the plan has already are shared. Its pieces become forwards,
 * one each, joined on the hosts where they meet.
 */
#ifndef TUNPLAN_PLANNER_BUILD_H
#define TUNPLAN_PLANNER_BUILD_H

#include "planner/task.h"

struct builder {
	const struct atlas *atlas;
	struct arena *arena;
	struct plan *plan;
};

/* How one task is done. */
struct solution {
	struct task task;
	bool has_to_ingress; /* only where the ingress is elsewhere */
	struct plan_way to_ingress;
	bool has_to_egress; /* else me opens the egress itself */
	struct plan_way to_egress;
	bool given_up; /* the search that found no way was: there may be one */
};

/* Adds the hops and the forwards of a solution to the plan. */
void build_solution(struct builder *builder, const struct solution *solution);

#endif
