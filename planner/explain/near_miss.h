/*
 * Near miss: the ways that are complete but for some changes, nearest first.
 *
 * For a goal to which there is no way: the search is made again, with what would have to change as the
 * first part of the cost (change.h). What the tunnel itself asks for is looked at first: without that it
 * may be there. The advice is meant to be followed: with all its changes made, there is a way.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_NEAR_MISS_H
#define TUNPLAN_PLANNER_EXPLAIN_NEAR_MISS_H

#include "planner/model/request.h"
#include "planner/search/goal.h"

/* As many are of use to a reader. */
#define NEAR_MISSES_MAX 3

/*
 * Finds up to NEAR_MISSES_MAX near_misses (their arrays in arena) and returns how many. What the tunnel asks for is
 * not advised to be dropped if the way to its other goal (or NULL: it has none) depends on it.
 */
size_t near_miss_find(const struct goal *goal, const struct goal *other, struct arena *arena,
		      struct plan_near_miss *ret_misses);

/* Adds the changes of another near miss: it takes both. */
void near_miss_add(struct plan_near_miss *near_miss, const struct plan_near_miss *other,
		   struct arena *arena);

#endif
