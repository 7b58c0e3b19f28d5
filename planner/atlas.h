/*
 * Atlas: a topology as the planner looks things up in it: who is on a VLAN, who is published where,
 * and which rule decides.
 *
 * Made once for a topology and used for any number of plans; the graph of hosts itself is never
 * made, its edges are derived where a search goes. Lives in an arena; the topology must outlive it.
 */
#ifndef TUNPLAN_PLANNER_ATLAS_H
#define TUNPLAN_PLANNER_ATLAS_H

#include "planner/ranges.h"
#include "planner/rulebook.h"

/* Hosts by a number: those of number n are hosts[first[n]] up to hosts[first[n + 1]]. */
struct roll {
	uint32_t *first;
	uint32_t *hosts;
};

struct atlas {
	const struct topology *topology;
	struct rulebook rules;
	struct ranges ranges; /* empty where no rule names a range */
	struct roll members; /* by VLAN: who has an interface there or is published there */
	struct roll guests;  /* by host: whose sshd is published there */
	uint8_t best_trust;  /* of any host */
};

/* Makes the atlas of a topology. */
void atlas_init(struct atlas *atlas, const struct topology *topology, struct arena *arena);

/* Returns the hosts of a number, and how many they are. */
static inline const uint32_t *roll_of(const struct roll *roll, size_t number, size_t *ret_count)
{
	*ret_count = roll->first[number + 1] - roll->first[number];
	return roll->hosts + roll->first[number];
}

#endif
