/*
 * Neighbours: which hosts are worth asking whether a host reaches them.
 *
 * The graph of hosts is never built: its edges are derived where the search goes. This index lists
 * for a host the members of its VLANs and what allow rules name, so that reach_try() is not asked
 * about every pair.
 */
#ifndef TUNPLAN_PLANNER_NEIGHBOURS_H
#define TUNPLAN_PLANNER_NEIGHBOURS_H

#include <stddef.h>

#include "topology/topology.h"

struct neighbours {
	const struct topology *topology;
	size_t *members; /* host indexes, VLAN after VLAN */
	size_t *first;   /* per VLAN, where its members start; vlan_count + 1 of them */
};

/* Indexes a topology; the memory is arena's. */
void neighbours_init(struct neighbours *neighbours, const struct topology *topology,
		     struct arena *arena);

/*
 * Calls visit for each host to which a connection from `host` may be open: a superset, in no
 * particular order, some of them more than once, and the host itself among them.
 */
void neighbours_visit(const struct neighbours *neighbours, size_t host,
		      void (*visit)(void *context, size_t neighbour), void *context);

#endif
