/*
 * Exposure: who can read the bytes of a forward, stretch by stretch.
 *
 * Derived from the hops of a chain: between me and its last host everything is inside that host's
 * ssh session, so the hosts on the way read nothing. Past it, the service is on its own.
 */
#ifndef TUNPLAN_PLANNER_EXPOSURE_H
#define TUNPLAN_PLANNER_EXPOSURE_H

#include "planner/ends.h"

/*
 * Appends the segments of one forward to plan->exposure, from ingress to egress. plan's hops and
 * this forward are there already; dial is how the egress is dialled by the host that does.
 */
void exposure_add(struct plan *plan, size_t forward, const struct ends *ends,
		  const struct reach *dial, struct arena *arena);

#endif
