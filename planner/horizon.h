/*
 * Horizon: what is known of a way before it is looked for: how many hops it takes at least from a
 * host to the end, and what the end costs at least.
 *
 * Found by looking back from the goal over everything that may be a hop, a little way only. It lets the
 * search head for the goal where a network is large, and changes nothing about what is found.
 */
#ifndef TUNPLAN_PLANNER_HORIZON_H
#define TUNPLAN_PLANNER_HORIZON_H

#include "planner/goal.h"

struct horizon {
	const uint8_t *distances; /* by host: hops to the end, at least; NULL: 0 for all */
	uint8_t farthest;         /* the largest that there is */
	struct cost end;          /* of ending, at least */
	bool none;                /* the way can end nowhere */
};

/* Looks back from a goal; what it finds lives in arena. */
void horizon_look(struct horizon *horizon, const struct goal *goal, struct arena *arena);

/* Returns how many hops it takes at least from a host to the end. */
static inline int32_t horizon_ahead(const struct horizon *horizon, size_t host)
{
	return horizon->distances ? horizon->distances[host] : 0;
}

#endif
