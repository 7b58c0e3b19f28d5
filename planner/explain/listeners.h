/*
 * Listeners: who listens where for a plan, and who can get to that.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_LISTENERS_H
#define TUNPLAN_PLANNER_EXPLAIN_LISTENERS_H

#include "planner/model/plan.h"

/* Fills plan->listeners, one for each of its forwards. */
void listeners_add(struct plan *plan, struct arena *arena);

#endif
