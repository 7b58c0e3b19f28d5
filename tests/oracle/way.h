/*
 * Oracle: enumerates all paths of a tunnel, and chooses among them by rules 18 and 26 to 30 of
 * tunplan(7).
 */
#ifndef TUNPLAN_TESTS_ORACLE_WAY_H
#define TUNPLAN_TESTS_ORACLE_WAY_H

#include "tests/oracle/hop.h"

/* Returns less than, equal to, or more than 0, as strcmp does. */
int oracle_compare_costs(const struct cost *a, const struct cost *b);

/* Looks for all ways; they are the caller's to free. */
void oracle_ways(struct oracle_goal *goal);

/* Returns the best way, or NULL. */
const struct oracle_way *oracle_best(const struct oracle_goal *goal);

/*
 * Returns the way that is next to those in a list, or NULL: of those that lack a host of each of them,
 * what has the fewest hosts that are taken, and of those the best.
 */
const struct oracle_way *oracle_next(const struct oracle_goal *goal, const struct oracle_way **list,
				     size_t count, const bool *taken);

/* Whether each way passes a host. */
bool oracle_depends(const struct oracle_goal *goal, size_t host);

#endif
