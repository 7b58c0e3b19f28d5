/*
 * Ends: the hosts on which the ways to a goal may end, found without a look at all of them.
 *
 * Whoever shares a VLAN with the egress, and whom a rule lets get there; whether a way can really end on
 * one of them, goal_end() tells. Stands between goal.h and horizon.h.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_ENDS_H
#define TUNPLAN_PLANNER_SEARCH_ENDS_H

#include "planner/search/goal.h"

struct ends {
	const struct network_index *network_index;
	struct arena *arena;
	uint16_t port;   /* the egress's */
	bool *known;     /* by host: it is among them */
	uint32_t *hosts; /* in arena */
	size_t count;
	bool anywhere;         /* a rule lets any host get there; */
	bool anywhere_by_port; /* one that has the egress's port, too, or nobody knows */
};

/* Finds the ends of a goal; what it makes lives in arena. */
void ends_find(struct ends *ends, const struct goal *goal, struct arena *arena);

#endif
