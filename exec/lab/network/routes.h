/*
 * Routes: how each node of the lab's network sends packets to every address of it.
 *
 * Pure. To a VLAN that a host is on, packets leave by its leg there. Everything else goes to the
 * router, from a VLAN from which a rule allows the connection; if that depends on the port, by a
 * route for these ports only. A program that binds one of the host's other VLANs leaves by that
 * VLAN.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_ROUTES_H
#define TUNPLAN_EXEC_LAB_NETWORK_ROUTES_H

#include "exec/lab/network/node.h"

/* Chooses the routes of one node (in arena); the addresses of all are there. */
void lab_routes_choose(const struct lab_network *network, struct lab_node *node,
		       struct arena *arena);

#endif
