/*
 * Near miss: paths that would be complete if a few things changed, the nearest first.
 *
 * For a goal that no path leads to. The search runs again with the weight of the necessary changes
 * (change.h) as the first part of the cost. First it tries to drop what the tunnel itself demands
 * (`via`, `exit`, `max_hops` …), since that alone may be in the way. The advice is meant to be
 * followed: once all changes of a near miss are made, a path exists.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_NEAR_MISS_H
#define TUNPLAN_PLANNER_EXPLAIN_NEAR_MISS_H

#include "planner/model/request.h"
#include "planner/search/goal.h"

/* A reader has no use for more. */
#define NEAR_MISSES_MAX 3

/*
 * Finds up to NEAR_MISSES_MAX near misses (their arrays in arena) and returns how many. A
 * constraint of the tunnel is not relaxed if the path to its other goal (NULL: it has none) needs
 * that constraint.
 */
size_t near_miss_find(const struct goal *goal, const struct goal *other, struct arena *arena,
		      struct plan_near_miss *ret_misses);

/* Adds the changes of another near miss, for a tunnel that needs both. */
void near_miss_add(struct plan_near_miss *near_miss, const struct plan_near_miss *other,
		   struct arena *arena);

#endif
