/*
 * Build: ways -> the hops and forwards of a plan.
 *
 * A way becomes hops, of which those that the plan has already are shared. Its pieces become forwards,
 * one each, joined on the hosts where they meet.
 */
#ifndef TUNPLAN_PLANNER_BUILD_H
#define TUNPLAN_PLANNER_BUILD_H

#include "planner/solve.h"

struct builder {
	const struct network_index *network_index;
	struct arena *arena;
	struct plan *plan;
};

/* Adds the hops and the forwards of a solution to the plan. */
void build_solution(struct builder *builder, const struct solution *solution);

#endif
