/*
 * Horizon: what is known of a way before it is looked for: what the rest of it costs at least, from each
 * host.
 *
 * Found by looking back from the goal over everything that may be a hop: Dijkstra's search over hosts and
 * what they get to each other by (a VLAN, a rule), without a look at who may really do what. So the cost
 * is never more than that of the way, and its difference between two hosts never more than the hop
 * between them costs. It lets the search go straight for the goal where a network is large, and changes
 * nothing about what is found.
 */
#ifndef TUNPLAN_PLANNER_HORIZON_H
#define TUNPLAN_PLANNER_HORIZON_H

#include "planner/goal.h"

struct horizon {
	const uint32_t *bounds;    /* by node: 1 + its place in values, 0: it was not seen;
				      NULL: flat is that of all */
	const struct cost *values; /* what ways cost at least */
	struct cost flat;
	struct cost farthest; /* of a way from me: what was not seen by then costs no less */
	bool none;            /* there is no way from me, and what was not seen leads nowhere */
};

/*
 * Looks back from a goal; what it finds lives in arena. Hosts in shared (by host; or NULL) cost a part of
 * their own, COST_SHARED.
 */
void horizon_look(struct horizon *horizon, const struct goal *goal, const bool *shared,
		  struct arena *arena);

/*
 * Likewise, where changes count, too (mend.h). A rule of its own may lead to targets, from anywhere; and
 * a way may end wherever that takes no more than changes.
 */
void horizon_look_mended(struct horizon *horizon, const struct goal *goal, const uint32_t *targets,
			 size_t target_count, struct arena *arena);

/* Nodes: hosts by their number; and what hosts get to each other by. */
size_t horizon_vlan(const struct topology *topology, size_t vlan);
size_t horizon_rule(const struct topology *topology, const struct rule *rule);
size_t horizon_everyone(const struct topology *topology);

/*
 * Returns what a way costs at least from a host on, or, of another node, from whoever gets on by it
 * (without what passing that host costs).
 */
static inline const struct cost *horizon_of(const struct horizon *horizon, size_t node)
{
	if (!horizon->bounds)
		return &horizon->flat;
	return horizon->bounds[node] ? &horizon->values[horizon->bounds[node] - 1]
				     : &horizon->farthest;
}

#endif
