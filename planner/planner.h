/*
 * Planner: (topology, me, request) -> plan, or the reasons why there is none.
 *
 * The topology is that from where me is now (topology_at()); which places these are is only shown.
 *
 * Pure: no clock, files, environment, processes or globals. The same input gives the same plan,
 * whatever the order of the keys in the file.
 */
#ifndef TUNPLAN_PLANNER_PLANNER_H
#define TUNPLAN_PLANNER_PLANNER_H

#include "planner/plan.h"

struct plan_request {
	size_t tunnel;            /* index into topology.tunnels */
	size_t me;                /* host index: which host this machine is */
	struct whereabouts where; /* at which places me is: the topology is as it is from there */
};

/* Why there is no plan. All texts live in the arena that was passed. */
struct plan_failure {
	const char *
		code; /* token: "no_path", or "unsupported" for what this version cannot plan yet */
	const char *text;                /* one line */
	const char *help;                /* what to do, or NULL */
	struct span at;                  /* the part of the file that it is about, or no place */
	struct plan_rejection *rejected; /* every host that was considered */
	size_t rejected_count;
	size_t me;                /* host index; set with where */
	struct whereabouts where; /* the request's */
};

/*
 * Plans a tunnel. Returns true and sets *ret_plan (in arena), or returns false and fills
 * *ret_failure. The untouched one stays untouched.
 */
bool planner_plan(const struct topology *topology, const struct plan_request *request,
		  struct arena *arena, const struct plan **ret_plan,
		  struct plan_failure *ret_failure);

#endif
