/*
 * Relay: a connection to where something is published goes on to where it is.
 *
 * Each is carried by a process of the owner's inetd, which enters the host that it leads to and connects there
 * from within: as NAT does for the one who dials, and as an ssh does that the host itself holds open.
 */
#ifndef TUNPLAN_EXEC_LAB_SERVICE_RELAY_H
#define TUNPLAN_EXEC_LAB_SERVICE_RELAY_H

#include "exec/lab/service/service.h"

/*
 * Listens wherever something is published that the node owns. pids: per node, its process; filled when
 * connections come. Returns 0 or -errno with a sentence.
 */
int lab_relays_start(struct lab_host *host, const pid_t *pids);

#endif
