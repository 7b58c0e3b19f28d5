/*
 * Ports: whether everything that is to listen on a lab host can.
 *
 * Pure. A topology may say of a real host that two things share a port, on different addresses; in
 * the lab each listens on all of them.
 */
#ifndef TUNPLAN_EXEC_LAB_PORTS_H
#define TUNPLAN_EXEC_LAB_PORTS_H

#include "topology/topology.h"

/*
 * Returns true if no host has two listeners on one port; else false and *ret_problem is one sentence
 * (in arena).
 */
bool lab_ports_check(const struct topology *topology, struct arena *arena,
		     const char **ret_problem);

#endif
