/*
 * Notes: what a plan takes for granted, and what is worth knowing before it is used.
 */
#ifndef TUNPLAN_PLANNER_NOTES_H
#define TUNPLAN_PLANNER_NOTES_H

#include "planner/ends.h"

/* Adds to plan->assumed what the file does not say about the hops. */
void notes_hops(struct plan *plan, struct arena *arena);

/* Adds to plan->notes what the tunnel asks for and this version does not do. */
void notes_options(struct plan *plan, const struct tunnel_options *options, struct arena *arena);

/*
 * Adds to plan->notes and plan->assumed what concerns one forward, which is in the plan already;
 * dial is how its egress is dialled.
 */
void notes_forward(struct plan *plan, size_t forward, const struct ends *ends,
		   const struct reach *dial, struct arena *arena);

#endif
