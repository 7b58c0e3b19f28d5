/*
 * Ports: whether everything that is to listen on a lab host can.
 *
 * Pure. A topology may say more of a real host than a host of the lab can do.
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
