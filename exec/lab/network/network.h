/*
 * Network: what a topology becomes when it is built from namespaces, before anything is built.
 *
 * Pure: topology -> nodes with their legs, addresses and routes. A node is a host of the topology,
 * or the router, which exists only if the topology has reachability rules or publications.
 * addresses.h chooses what the file leaves open, routes.h the routes, filter.h writes the rules as
 * nftables text, and fabric.h makes it all real.
 *
 *     topology -> network.h (+ addresses.h, routes.h) -> filter.h, host_files.h
 *              -> fabric.h, agent.h
 *
 * Everything lives in the arena that was passed, refers to the topology, and is const once made.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_NETWORK_H
#define TUNPLAN_EXEC_LAB_NETWORK_NETWORK_H

#include "exec/lab/network/node.h"

/*
 * Makes the network of a topology. Returns true and sets *ret_network (in arena), or returns false
 * and sets *ret_problem to one sentence for the user (in arena): no address is left, two hosts state
 * the same one, or two listeners of a host the same port.
 */
bool lab_network_create(const struct topology *topology, struct arena *arena,
			const struct lab_network **ret_network, const char **ret_problem);

/* How a host is dialled by its name. */
struct lab_dial {
	const struct lab_leg *leaving; /* of who dials; NULL: it does not matter, there is no way */
	const struct lab_leg *arriving; /* whose addresses the name stands for; NULL: it has none */
	uint8_t trust;                  /* reach_trust() of the way to a listener */
};

/*
 * Returns what the name of `to` means on `from`, another host: the leg by which it gets to the sshd, or, if
 * it gets there by none, to the first service that it can; else one on a VLAN that both are on, else the
 * first.
 */
struct lab_dial lab_dial_name(const struct lab_network *network, const struct lab_node *from,
			      const struct lab_node *to);

#endif
