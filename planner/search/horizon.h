/*
 * Horizon: what is known of a way before it is looked for: what the rest of it costs at least, from each
 * host.
 *
 * Found by looking back from the goal over everything that may be a hop: Dijkstra's search over hosts and
 * what they get to each other by (a VLAN, a rule), without a look at who may really do what. So the cost
 * is never more than that of the way, and its difference between two hosts never more than the hop
 * between them costs. It lets the search go straight for the goal where a network is large, and changes
 * nothing about what is found.
 *
 * Hosts that the way has to pass (`via`) divide it into legs. Each is looked at by itself, from the last one
 * to the first: what is ahead of a host depends on how many of them were passed.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_HORIZON_H
#define TUNPLAN_PLANNER_SEARCH_HORIZON_H

#include "planner/search/goal.h"

/* A part of the way: it leads to the next host that `via` names, or to the goal. */
struct horizon_leg {
	const uint32_t *bounds;    /* by node: 1 + its place in values, 0: it was not seen */
	const struct cost *values; /* what ways cost at least from there on, to the goal */
	struct cost farthest;      /* what was not seen costs no less */
};

struct horizon {
	const struct horizon_leg *legs; /* by how many hosts that `via` names were passed;
					   NULL: nothing is known of the way */
	bool none;                      /* there is none */
	const struct horizon
		*fewest; /* with `max_hops`: the same where hops alone count; or NULL */
};

/*
 * Looks back from a goal; what it finds lives in arena. Hosts in shared (by host; or NULL) cost a part of
 * their own, COST_SHARED.
 */
void horizon_look(struct horizon *horizon, const struct goal *goal, const bool *shared,
		  struct arena *arena);

/*
 * Likewise, where changes count, too (change.h). A rule of its own may lead to targets, from anywhere; and
 * a way may end wherever that takes no more than changes.
 */
void horizon_look_mended(struct horizon *horizon, const struct goal *goal, const uint32_t *targets,
			 size_t target_count, struct arena *arena);

/* Nodes: hosts by their number; and what hosts get to each other by. */
size_t horizon_vlan(const struct topology *topology, size_t vlan);
size_t horizon_rule(const struct topology *topology, const struct rule *rule);
size_t horizon_everyone(const struct topology *topology);

/*
 * Returns what a way that has passed so many of the hosts that `via` names costs at least from a host on,
 * or, of another node, from whoever gets on by it (without what passing that host costs).
 */
static inline const struct cost *horizon_of(const struct horizon *horizon, size_t passed,
					    size_t node)
{
	static const struct cost nothing;
	const struct horizon_leg *leg;

	if (!horizon->legs)
		return &nothing;
	leg = &horizon->legs[passed];
	return leg->bounds[node] ? &leg->values[leg->bounds[node] - 1] : &leg->farthest;
}

/* Returns how many hops such a way has at least from a host on, if that was asked; else 0. */
static inline unsigned horizon_hops(const struct horizon *horizon, size_t passed, size_t host)
{
	return horizon->fewest
		       ? (unsigned)horizon_of(horizon->fewest, passed, host)->parts[COST_HOPS]
		       : 0;
}

#endif
