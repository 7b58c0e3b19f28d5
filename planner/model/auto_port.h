/*
 * Auto port: a port for an `auto` ingress, where nobody remembers an earlier one.
 *
 * A function of the tunnel's name, so that the port is the same today and tomorrow. If the port is
 * taken when the tunnel comes up, the supervisor tries the next ports.
 */
#ifndef TUNPLAN_PLANNER_MODEL_AUTO_PORT_H
#define TUNPLAN_PLANNER_MODEL_AUTO_PORT_H

#include <stddef.h>
#include <stdint.h>

#define AUTO_PORT_FIRST 20000
#define AUTO_PORT_COUNT 10000

/*
 * Joints of stitched tunnels have ports far from those of ingresses; each forward so many, half of them
 * for the path onwards from me, where another path leads to the ingress.
 */
#define AUTO_PORT_JOINTS 5000
#define AUTO_PORT_PIECES 100

/*
 * Returns a port from AUTO_PORT_FIRST on, by hash of the tunnel's name. The forwards of one tunnel
 * have consecutive ports, the first one after the last.
 */
uint16_t auto_port(const char *tunnel, size_t forward);

#endif
