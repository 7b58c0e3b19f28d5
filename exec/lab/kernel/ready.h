/*
 * Ready: waits until the kernel uses the IPv6 addresses of a node.
 *
 * The kernel accepts a new address at once but finishes later, up to a second on a busy machine.
 * Until then neighbours cannot find the address, and it cannot be reached on its own host.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_READY_H
#define TUNPLAN_EXEC_LAB_KERNEL_READY_H

#include "exec/lab/network/node.h"
#include "exec/system/netlink.h"

/* Begins to listen to the kernel, before the addresses are added. Returns 0 or -errno. */
int lab_ready_watch(struct netlink *watch);

/* Waits until all addresses of the node are in use. Returns 0, -ETIMEDOUT or another -errno. */
int lab_ready_wait(struct netlink *watch, const struct lab_node *node);

#endif
