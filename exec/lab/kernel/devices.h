/*
 * Devices: bridges, veth pairs, addresses and routes of the network namespace that the caller was in
 * when it opened the netlink.
 *
 * The requests are those of rtnetlink(7); each is sent and acknowledged before the call returns.
 * All functions return 0 or -errno, the kernel's own.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_DEVICES_H
#define TUNPLAN_EXEC_LAB_KERNEL_DEVICES_H

#include <stdint.h>
#include <sys/types.h>

#include "exec/lab/network/node.h"
#include "exec/system/netlink.h"

/* Makes a bridge without spanning tree and multicast snooping, and brings it up. */
int lab_bridge_add(struct netlink *netlink, const char *name);

/* One veth pair: a port of a bridge here, and a device in another namespace. Both stay down. */
struct lab_veth {
	const char *port;   /* the name of the end here */
	int bridge;         /* index of the bridge that the port joins */
	const char *device; /* the name of the end there */
	const uint8_t *mac; /* 6 bytes, of the end there */
	pid_t owner;        /* a process in the network namespace of the end there */
};

/*
 * Makes a veth pair and brings the end here up. The end there is for its owner to bring up: a pair
 * that is made with its peer up can answer ENOTCONN.
 */
int lab_veth_add(struct netlink *netlink, const struct lab_veth *veth);

/* Brings a device up. */
int lab_device_up(struct netlink *netlink, int index);

/*
 * Adds an address, for IPv6 without duplicate-address detection, which would delay binding to it. Unless it
 * is the one that its device dials from, the kernel does not choose it by itself, and no route to its network
 * comes with it.
 */
int lab_address_add(struct netlink *netlink, int index, const struct lab_address *address,
		    bool dials);

/*
 * Adds a route by the device. source: the address that is dialled from, or NULL. A route for some ports only
 * needs a kernel that has them; where it has not, nothing is added.
 */
int lab_route_add(struct netlink *netlink, int index, const struct lab_route *route,
		  const struct address *source);

#endif
