/*
 * Rules: the topology's reachability as nftables can have it: no end is a set any more.
 *
 * Pure. A rule with a set becomes one for each of its members, in their order and in its place.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_RULES_H
#define TUNPLAN_EXEC_LAB_NETWORK_RULES_H

#include "topology/model/topology.h"

/* Returns the rules (in arena), and how many there are. Each has the place of the one it is made of. */
const struct rule *lab_rules_expand(const struct topology *topology, struct arena *arena,
				    size_t *ret_count);

#endif
