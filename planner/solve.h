/*
 * Solve: the best paths for everything that a request asks for.
 *
 * Each forward of a tunnel is a task of its own (task.h). A solution is the path to its egress, the
 * path to its ingress if that is on another host, or both. Nothing is built or explained here. Rule
 * 17 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SOLVE_H
#define TUNPLAN_PLANNER_SOLVE_H

#include "planner/search/task.h"

/* How one task is done. */
struct solution {
	struct task task;
	bool has_to_ingress; /* only if the ingress is on another host than me */
	struct plan_path to_ingress;
	bool has_to_egress; /* else me opens the egress itself */
	struct plan_path to_egress;
	bool given_up; /* the search for a path was given up: there may be one (rule 31) */
};

/* The solutions of a request. */
struct solving {
	const struct plan_request *request;
	struct arena *arena;        /* of the paths, and of what the tasks are made of */
	struct arena *scratch;      /* of the rest */
	struct solution *solutions; /* one per forward; one for a login */
	size_t count;
	struct solution *unsolved; /* the first task with a goal that no path leads to; or NULL */
	const struct goal *goal;   /* that goal */
};

/*
 * Finds the paths of all tasks. Returns false if one has no path: unsolved and goal say which; or,
 * if a task asks for something that me lacks, unsolved is NULL and *ret_failure is filled.
 *
 * A path lives in arena; the solutions, and what was seen looking back from each goal, in scratch: they
 * take some hundred times the room of a plan.
 */
bool solve_request(const struct plan_request *request, struct arena *arena, struct arena *scratch,
		   struct solving *ret_solving, struct plan_failure *ret_failure);

/* Whether every task of a request has its paths. */
bool solve_can(const struct plan_request *request);

/*
 * Whether me opens the egress of a remote tunnel itself, so that the tunnel needs no path to the
 * egress. If the answer needed a search, the path found is in solution->to_egress.
 */
bool solve_ends_on_me(const struct solving *solving, struct solution *solution);

#endif
