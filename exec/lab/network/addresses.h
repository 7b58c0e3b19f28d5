/*
 * Addresses of the lab: those that the file states, and a choice where it states none.
 *
 * Pure. A chosen address comes from the VLAN's own range if there is one, else from a private pool
 * that overlaps no range and no address of the file. The families of a VLAN are those of its
 * ranges, else those of the addresses stated on it, else IPv4. A host without addresses gets one of
 * each family, and so does the router. Hosts count up from the start of the range and the router
 * takes its address from the end, so that adding a rule to the file renumbers no host.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_ADDRESSES_H
#define TUNPLAN_EXEC_LAB_NETWORK_ADDRESSES_H

#include "exec/lab/network/node.h"

/*
 * Fills the addresses of every leg of the nodes (in arena). Returns false and sets *ret_problem to
 * one sentence (in arena) when a range is used up or two hosts state the same address on a VLAN.
 */
bool lab_addresses_assign(const struct topology *topology, struct lab_node *nodes,
			  size_t node_count, struct arena *arena, const char **ret_problem);

#endif
