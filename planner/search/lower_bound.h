/*
 * Lower bound: what the rest of a path costs at least, from each host to the goal.
 *
 * Found before the path itself, by a label-setting search backward from the goal that ignores most
 * reasons why a hop may be impossible. So the bound is never more than the true cost, and the
 * bounds of two hosts never differ by more than the cost of the hop between them. With the bound,
 * the forward search of a large network heads straight for the goal (A*); the result is the same as
 * without.
 *
 * The hosts that a path must pass (`via`) divide the path into legs. Each leg has bounds of its
 * own, found from the last leg to the first: what lies ahead of a host depends on how many of these
 * hosts the path has passed already.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_LOWER_BOUND_H
#define TUNPLAN_PLANNER_SEARCH_LOWER_BOUND_H

#include "planner/search/policy.h"

/* A part of the path: it leads to the next host that `via` names, or to the goal. */
struct lower_bound_leg {
	const uint32_t *levels;    /* by node: 1 + the index of its bound in costs; 0: not met */
	const struct cost *costs;  /* from a node to the goal, ascending */
	const struct cost *others; /* the bound of the nodes that were not met */
};

struct lower_bound {
	const struct lower_bound_leg *legs; /* by `via` hosts passed; NULL: all bounds are zero */
	bool none;                          /* there is no path at all */
};

/*
 * Finds the lower bounds of a goal, for a search with a policy; they live in arena. Where changes
 * count, an added rule may lead from any host to one of targets (by host; else NULL).
 */
void lower_bound_find(struct lower_bound *bound, const struct goal *goal,
		      const struct policy *policy, const bool *targets, struct arena *arena);

/* Nodes are hosts, by their numbers, and what leads to hosts: a VLAN, a rule, a rule for any. */
static inline size_t lower_bound_vlan(const struct topology *topology, size_t vlan)
{
	return topology->host_count + vlan;
}

static inline size_t lower_bound_rule(const struct topology *topology, const struct rule *rule)
{
	return lower_bound_vlan(topology, topology->vlan_count) + (size_t)(rule - topology->rules);
}

static inline size_t lower_bound_any(const struct topology *topology)
{
	return lower_bound_vlan(topology, topology->vlan_count) + topology->rule_count;
}

/*
 * Returns the lower bound of a host, after `passed` of the hosts of `via`; of another node, the
 * bound of any host that can use the node, without the cost of passing that host.
 */
static inline const struct cost *lower_bound_of(const struct lower_bound *bound, size_t passed,
						size_t node)
{
	static const struct cost nothing;
	const struct lower_bound_leg *leg;

	if (!bound->legs)
		return &nothing;
	leg = &bound->legs[passed];
	return leg->levels[node] ? &leg->costs[leg->levels[node] - 1] : leg->others;
}

#endif
