/*
 * Solve: the best ways of all that a request asks for.
 *
 * Each forward of a tunnel is a task of its own (task.h); a solution is the way to its egress, the way to its
 * ingress where that is elsewhere, or both. Nothing is built or explained here. Rule 17 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SOLVE_H
#define TUNPLAN_PLANNER_SOLVE_H

#include "planner/search/task.h"

/* How one task is done. */
struct solution {
	struct task task;
	bool has_to_ingress; /* only where the ingress is elsewhere */
	struct plan_way to_ingress;
	bool has_to_egress; /* else me opens the egress itself */
	struct plan_way to_egress;
	bool given_up; /* the search that found no way was: there may be one */
};

/* The solutions of a request; all in its arena. */
struct solving {
	const struct plan_request *request;
	struct arena *arena;
	struct solution *solutions; /* one per forward; one for a login */
	size_t count;
	struct solution *unsolved; /* the first task to whose goal there is no way; NULL */
	const struct goal *goal;   /* that goal */
};

/*
 * Finds the ways of all tasks. Returns false where there is none: unsolved and goal say for which, or, where a
 * task asks for what me lacks, unsolved is NULL and *ret_failure is filled.
 */
bool solve_request(const struct plan_request *request, struct arena *arena,
		   struct solving *ret_solving, struct plan_failure *ret_failure);

/* Whether there are ways for all that a request asks for. */
bool solve_can(const struct plan_request *request);

/*
 * Whether me opens the egress of a remote tunnel itself, so that no way has to lead there. If the answer took
 * a search, the way that it found is in solution->to_egress.
 */
bool solve_ends_on_me(const struct solving *solving, struct solution *solution);

#endif
