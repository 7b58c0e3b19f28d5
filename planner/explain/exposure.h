/*
 * Exposure: who can read a forward's bytes, segment by segment.
 *
 * Derived from the plan's hops and forwards. Within a piece the bytes are inside the session of its
 * last hop, so the hosts in between read nothing. Where two pieces meet, and after the last one,
 * only the service's own encryption protects them. The segments in the clear that count here are
 * those that the cost counts (rule 21).
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_EXPOSURE_H
#define TUNPLAN_PLANNER_EXPLAIN_EXPOSURE_H

#include "planner/search/task.h"

/*
 * Appends the segments of a forward of the tunnel to plan->exposure, from ingress to egress. The
 * forward's pieces are plan->forwards[first] to plan->forwards[last].
 */
void exposure_add(struct plan *plan, const struct task *task, size_t first, size_t last,
		  struct arena *arena);

#endif
