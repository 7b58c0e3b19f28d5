/*
 * Fabric: makes the lab's network real.
 *
 * The lab's first process, in its own network namespace, holds one bridge per VLAN, without
 * addresses or rules, and a veth pair from the bridge to each leg. Each host configures its own
 * end: devices, addresses, routes, settings and rules. So hosts are configured side by side, and a
 * bridge port is a place to watch traffic or to hold it up.
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
