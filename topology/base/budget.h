/*
 * Budget: an upper bound on the work of one check, so that no file can keep tunplan busy for long.
 *
 * A loop over many things spends a step per thing, and stops when the budget is spent. The check
 * then has no result, and its caller reports that.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_BUDGET_H
#define TUNPLAN_TOPOLOGY_BASE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

struct budget {
	size_t steps; /* spent: comparisons, more or less */
	size_t max;
};

/* Spends steps; returns whether there are more to spend. */
static inline bool budget_spend(struct budget *budget, size_t steps)
{
	budget->steps += steps;
	return budget->steps <= budget->max;
}

/* Whether more steps were asked for than there were. */
static inline bool budget_is_spent(const struct budget *budget)
{
	return budget->steps > budget->max;
}

#endif
