/*
 * Fabric: the lab's network made real.
 *
 * The lab's first process, in its own network namespace, holds one bridge per VLAN, without any
 * address or rule, and a veth pair from it to every leg. Each node configures its own end: devices,
 * addresses, routes, settings and rules. So the hosts are configured side by side, and a bridge
 * port is where traffic can be watched or held up.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_FABRIC_H
#define TUNPLAN_EXEC_LAB_KERNEL_FABRIC_H

#include <sys/types.h>

#include "exec/lab/kernel/problem.h"
#include "exec/lab/network/node.h"

/*
 * In the fabric's namespace: makes all bridges and links. pids: per node, a process in that node's
 * network namespace. Returns 0 or -errno.
 */
int lab_fabric_create(const struct lab_network *network, const pid_t *pids,
		      struct lab_problem *problem);

/* In a node's namespace, once its links are there: configures all of it. Returns 0 or -errno. */
int lab_node_configure(const struct lab_network *network, const struct lab_node *node,
		       struct lab_problem *problem);

#endif
