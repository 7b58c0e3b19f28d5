/* Listeners: every address on which a plan listens, and who can connect to it. */
#ifndef TUNPLAN_PLANNER_EXPLAIN_LISTENERS_H
#define TUNPLAN_PLANNER_EXPLAIN_LISTENERS_H

#include "planner/model/plan.h"

/* Fills plan->listeners, one for each of its forwards. */
void listeners_add(struct plan *plan, struct arena *arena);

#endif
