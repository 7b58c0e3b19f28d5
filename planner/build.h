/*
 * Build: turns chosen paths into the hops and forwards of a plan.
 *
 * Each path becomes a chain of hops; hops that the plan has already are shared (rule 27 of tunplan(7)). Each piece of a
 * chain becomes one forward, and two forwards are joined on the host where their pieces meet.
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
