/*
 * Exposure: who can read the bytes of a forward, stretch by stretch.
 *
 * Derived from the plan's hops and forwards: inside a piece everything is in the session of its last
 * hop, so the hosts on the way read nothing; where pieces meet, and past the last one, the service is
 * on its own. What is in the clear here, and counts, is what the cost has (rule 21).
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_EXPOSURE_H
#define TUNPLAN_PLANNER_EXPLAIN_EXPOSURE_H

#include "planner/search/task.h"

/*
 * Appends the segments of a forward of the tunnel to plan->exposure, from ingress to egress. Its parts
 * are plan->forwards[first] up to [last].
 */
void exposure_add(struct plan *plan, const struct task *task, size_t first, size_t last,
		  struct arena *arena);

#endif
