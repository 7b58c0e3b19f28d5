/*
 * Routes: how each node of the lab's network gets to every address of it.
 *
 * Pure. To a VLAN that a host is on it goes by its leg there. To all else it goes by the
 * router, from the VLAN from which a rule allows it; where that hangs on the port, by a route for those
 * ports only. It may leave by each of its other VLANs, too, if a program says so.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_ROUTES_H
#define TUNPLAN_EXEC_LAB_NETWORK_ROUTES_H

#include "exec/lab/network/node.h"

/* Chooses the routes of one node (in arena); the addresses of all are there. */
void lab_routes_choose(const struct lab_network *network, struct lab_node *node,
		       struct arena *arena);

#endif
