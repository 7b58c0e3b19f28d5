/*
 * Ends: candidate exits, the hosts on which a path may end, found without scanning every host.
 *
 * These are the hosts that share a VLAN with the egress and the hosts that a rule allows to reach
 * it. Whether a path can really end on one of them is decided by goal_end(). Used by horizon.c.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_ENDS_H
#define TUNPLAN_PLANNER_SEARCH_ENDS_H

#include "planner/search/goal.h"

struct ends {
	const struct network_index *network_index;
	struct arena *arena;
	uint16_t port;   /* the egress's */
	bool *known;     /* by host: it is in hosts */
	uint32_t *hosts; /* in arena */
	size_t count;
	bool anywhere;         /* a rule lets any host reach the egress */
	bool anywhere_by_port; /* such a rule may include the egress's port */
};

/* Finds the candidate exits of a goal; the arrays live in arena. */
void ends_find(struct ends *ends, const struct goal *goal, struct arena *arena);

#endif
