#include "exec/lab/kernel/ready.h"

#include <string.h>

/* An address that is not in use by then never will be. */
#define READY_DEADLINE_MS 10000

/* The addresses of a node that are not in use yet. */
struct awaited {
	const struct lab_node *node;
	size_t count;
};

int lab_ready_watch(struct netlink *watch)
{
	/* An address in use has a route of its own, which is the last that is made. */
	return netlink_init(watch, NETLINK_ROUTE, RTMGRP_IPV6_ROUTE);
}

static bool has_address(const struct lab_node *node, const void *bytes)
{
	for (size_t l = 0; l < node->leg_count; l++)
		for (size_t a = 0; a < node->legs[l].address_count; a++) {
			const struct address *address = &node->legs[l].addresses[a].address;

			if (address->family == ADDRESS_IPV6 &&
			    memcmp(bytes, address->bytes, 16) == 0)
				return true;
		}
	return false;
}

/* Counts a route of the host itself to an IPv6 address of the node. */
static void take(void *data, struct nlmsghdr *message)
{
	struct awaited *awaited = data;
	struct rtmsg *route = NLMSG_DATA(message);
	struct rtattr *to;

	if (message->nlmsg_type != RTM_NEWROUTE || route->rtm_type != RTN_LOCAL ||
	    route->rtm_dst_len != 128)
		return;
	to = netlink_find(RTM_RTA(route), RTM_PAYLOAD(message), RTA_DST, 16);
	if (to && has_address(awaited->node, RTA_DATA(to)) && awaited->count > 0)
		awaited->count--;
}

int lab_ready_wait(struct netlink *watch, const struct lab_node *node)
{
	struct awaited awaited = {.node = node};
	int error = 0;

	for (size_t l = 0; l < node->leg_count; l++)
		for (size_t a = 0; a < node->legs[l].address_count; a++)
			awaited.count += node->legs[l].addresses[a].address.family == ADDRESS_IPV6;
	while (awaited.count > 0 && error == 0)
		error = netlink_hear(watch, READY_DEADLINE_MS, take, &awaited);
	return error;
}
