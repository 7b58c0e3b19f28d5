/*
 * Index: from the names of a topology to its arrays, and what a mistyped name may have meant.
 *
 * Built by validate.c as soon as all names are known; topology.c answers from it.
 */
#ifndef TUNPLAN_TOPOLOGY_INDEX_H
#define TUNPLAN_TOPOLOGY_INDEX_H

#include "topology/lookup.h"
#include "topology/suggest.h"
#include "topology/topology.h"

struct topology_index {
	struct lookup hosts;
	struct lookup vlans;
	struct lookup tunnels;
	struct lookup groups;
};

/* Makes the index (in arena) of a topology whose names are all there. */
const struct topology_index *index_create(const struct topology *topology, struct arena *arena);

/* Offer the names of one array, in the file's order, with their indexes. */
void index_offer_hosts(const struct topology *topology, struct suggest *suggest);
void index_offer_vlans(const struct topology *topology, struct suggest *suggest);
void index_offer_tunnels(const struct topology *topology, struct suggest *suggest);
void index_offer_groups(const struct topology *topology, struct suggest *suggest);

#endif
