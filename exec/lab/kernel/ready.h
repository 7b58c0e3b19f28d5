/*
 * Ready: when the kernel has taken the IPv6 addresses of a node into use.
 *
 * It answers a request for one at once, and does the rest when it comes to it: until then the address is
 * neither found by neighbours nor reached on its own host. That can take a second on a busy machine.
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
