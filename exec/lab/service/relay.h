/*
 * Relay: carries connections from a published address to the published sshd or service.
 *
 * Each connection is carried by a child of the inetd that accepted it. The child enters the
 * namespaces of the published host and connects there from within, so that host sees a connection
 * from itself.
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
