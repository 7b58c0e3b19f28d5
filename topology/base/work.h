/*
 * Work: a bound on what is looked at, so that no file can keep a reader of it busy for long.
 *
 * Whoever goes over many things counts them, and stops when the work is over. What it answers then
 * counts for nothing, and whoever set the bound says so.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_WORK_H
#define TUNPLAN_TOPOLOGY_BASE_WORK_H

#include <stdbool.h>
#include <stddef.h>

struct work {
	size_t steps; /* done: comparisons, more or less */
	size_t max;
};

/* Counts steps; returns whether more of them may be done. */
static inline bool work_do(struct work *work, size_t steps)
{
	work->steps += steps;
	return work->steps <= work->max;
}

/* Whether there were too many steps. */
static inline bool work_is_over(const struct work *work)
{
	return work->steps > work->max;
}

#endif
