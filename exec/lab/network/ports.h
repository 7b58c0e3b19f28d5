/*
 * Ports: checks that a lab host can open all its listeners: a topology may state things of a real
 * host that a lab host cannot do, such as two services at one port.
 *
 * Pure.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_PORTS_H
#define TUNPLAN_EXEC_LAB_NETWORK_PORTS_H

#include "topology/model/topology.h"

/*
 * Returns true if every listener of every host can have its place; else false, and *ret_problem is
 * one sentence (in arena).
 */
bool lab_ports_check(const struct topology *topology, struct arena *arena,
		     const char **ret_problem);

#endif
