/*
 * Rules: the topology's reachability rules without sets, as nftables needs them.
 *
 * Pure. A rule with a set becomes one rule for each member, in the set's order and in the rule's
 * place.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_RULES_H
#define TUNPLAN_EXEC_LAB_NETWORK_RULES_H

#include "topology/model/topology.h"

/* Returns the rules (in arena), and how many there are. Each has the place of the one it is made of. */
const struct rule *lab_rules_expand(const struct topology *topology, struct arena *arena,
				    size_t *ret_count);

#endif
