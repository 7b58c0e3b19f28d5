/*
 * Exits: the hosts on which a path may end, and what ending there costs at least.
 *
 * Where the hosts are few that share a VLAN with the egress, or that a rule allows to dial the
 * egress, each of these hosts is asked (goal_end()). All other hosts can end a path only by a rule
 * about any host or by a rule that would have to be added; what that costs at least depends on
 * little, so no such host is asked. Used by lower_bound.c.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_EXITS_H
#define TUNPLAN_PLANNER_SEARCH_EXITS_H

#include "planner/search/policy.h"

/* The least that an added rule takes to let a host dial a destination. */
struct added_rule {
	int weight;       /* change.h; 0: there is nothing to dial */
	uint8_t wire;     /* trust of the VLAN that is crossed */
	uint8_t any_wire; /* the most trust of a VLAN by which the destination can be dialled */
};

/*
 * Calls visit with each host on which a path may end (policy->can_end(), or what may be) and the
 * least cost of that, each once. trusts are exits_trusts(), or NULL: not known yet.
 */
void exits_visit(const struct goal *goal, const struct policy *policy, const uint8_t *trusts,
		 struct arena *arena,
		 void (*visit)(void *context, size_t host, const struct cost *cost), void *context);

/* Returns the trust of each host's most trusted VLAN, in arena. */
const uint8_t *exits_trusts(const struct network_index *network_index, struct arena *arena);

/* Fills what an added rule takes, by the trust of the source's most trusted VLAN; added is zeroed. */
void exits_added_rules(const struct network_index *network_index, const struct reach_to *to,
		       struct arena *arena, struct added_rule added[TRUST_HIGH + 1]);

#endif
