/*
 * Notes: what a plan takes for granted, and what is worth knowing before it is used.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_NOTES_H
#define TUNPLAN_PLANNER_EXPLAIN_NOTES_H

#include "planner/search/task.h"

/* Adds to plan->assumed and plan->notes what concerns the hops. */
void notes_hops(struct plan *plan, struct arena *arena);

/* Adds to plan->notes what the tunnel asks for and this version does not do. */
void notes_options(struct plan *plan, const struct tunnel_options *options, struct arena *arena);

/*
 * Adds to plan->notes and plan->assumed what concerns a forward of the tunnel, whose exposure is in the
 * plan and whose last piece is plan->forwards[last].
 */
void notes_forward(struct plan *plan, const struct task *task, size_t last, struct arena *arena);

/* Adds what the user's ssh_config says of hops that me dials, where that is not what the file says. */
void notes_facts(struct plan *plan, const struct plan_request *request, struct arena *arena);

#endif
