/*
 * Horizon: a lower bound on the cost of the rest of a path, from each host to the goal.
 *
 * Found before the path itself, by Dijkstra's algorithm backward from the goal over all possible
 * hops, ignoring most reasons why a hop may be impossible. So the bound is never more than the true
 * cost, and the bounds of two hosts never differ by more than the cost of the hop between them.
 * With the bound, the forward search of a large network heads straight for the goal (A*); the
 * result is the same as without.
 *
 * The hosts that a path must pass (`via`) divide it into legs. Each leg has bounds of its own, made
 * from the last leg to the first: what lies ahead of a host depends on how many of these hosts the
 * path has passed already.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_HORIZON_H
#define TUNPLAN_PLANNER_SEARCH_HORIZON_H

#include "planner/search/goal.h"

/* A part of the path: it leads to the next host that `via` names, or to the goal. */
struct horizon_leg {
	const uint32_t *bounds;    /* by node: 1 + its index in values; 0: not seen */
	const struct cost *values; /* lower bounds, from the node to the goal */
	struct cost farthest;      /* the bound of nodes that were not seen */
};

struct horizon {
	const struct horizon_leg *legs; /* by the number of `via` hosts passed;
					   NULL: no bounds */
	bool none;                      /* there is no path at all */
	const struct horizon *fewest;   /* with `max_hops`: bounds on the hops alone; or NULL */
};

/* Finds the lower bounds for a goal; they live in arena. */
void horizon_look(struct horizon *horizon, const struct goal *goal, struct arena *arena);

/*
 * The same for near misses, where changes are part of the cost (change.h): an added rule may lead
 * from any host to one of targets, and a path may end wherever changes make that possible.
 */
void horizon_look_mended(struct horizon *horizon, const struct goal *goal, const uint32_t *targets,
			 size_t target_count, struct arena *arena);

/*
 * Nodes are hosts, by their numbers, and what leads to them: a VLAN, a rule, a rule for all hosts.
 */
size_t horizon_vlan(const struct topology *topology, size_t vlan);
size_t horizon_rule(const struct topology *topology, const struct rule *rule);
size_t horizon_everyone(const struct topology *topology);

/*
 * Returns a lower bound on the rest of a path from a host, after `passed` of the hosts of `via`;
 * for another node, the bound from any host that can use it (without the cost of passing that
 * host).
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

/* Returns a lower bound on the hops of that rest; 0 unless the tunnel has `max_hops`. */
static inline unsigned horizon_hops(const struct horizon *horizon, size_t passed, size_t host)
{
	return horizon->fewest
		       ? (unsigned)horizon_of(horizon->fewest, passed, host)->parts[COST_HOPS]
		       : 0;
}

#endif
