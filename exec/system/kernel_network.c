/* Kernel, on Linux: the network of this machine: rtnetlink(7). */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/system/kernel.h"
#include "exec/system/netlink.h"
#include "topology/base/memory.h"

#define CHANGES                                                                      \
	(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | \
	 RTMGRP_IPV6_ROUTE)

static bool has_flags(unsigned flags, unsigned wanted)
{
	return (flags & wanted) == wanted;
}

/* --- interfaces and addresses */

static void take_interface(struct kernel_network *network, const struct ifaddrs *item)
{
	const unsigned flags = item->ifa_flags;
	struct kernel_interface *interface;

	network->interfaces =
		memory_reserve(network->interfaces, &network->interface_room,
			       network->interface_count + 1, sizeof(*network->interfaces));
	interface = &network->interfaces[network->interface_count++];
	*interface = (struct kernel_interface){
		.enabled = has_flags(flags, IFF_UP),
		.up = has_flags(flags, IFF_UP | IFF_RUNNING),
		.indirect = flags & (IFF_LOOPBACK | IFF_POINTOPOINT | IFF_NOARP),
	};
	snprintf(interface->name, sizeof(interface->name), "%s", item->ifa_name);
}

static bool read_address(const struct sockaddr *from, struct kernel_end *ret_end)
{
	struct kernel_end end = {.family = from->sa_family};

	if (end.family == AF_INET)
		memcpy(end.address, &((const struct sockaddr_in *)(const void *)from)->sin_addr, 4);
	else if (end.family == AF_INET6)
		memcpy(end.address, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
		       sizeof(end.address));
	else
		return false;
	*ret_end = end;
	return true;
}

static void take_address(struct kernel_network *network, const struct ifaddrs *item)
{
	struct kernel_address *address;
	struct kernel_end at;

	if (!read_address(item->ifa_addr, &at))
		return;
	network->addresses =
		memory_reserve(network->addresses, &network->address_room,
			       network->address_count + 1, sizeof(*network->addresses));
	address = &network->addresses[network->address_count++];
	*address = (struct kernel_address){.at = at};
	snprintf(address->interface, sizeof(address->interface), "%s", item->ifa_name);
}

int kernel_network_init(struct kernel_network *network)
{
	struct kernel_network found = {.asking = -1};
	struct netlink netlink;
	struct ifaddrs *all;
	int error = netlink_init(&netlink, NETLINK_ROUTE, 0);

	if (error < 0)
		return error;
	if (getifaddrs(&all)) {
		error = -errno;
		netlink_finish(&netlink);
		return error;
	}
	for (const struct ifaddrs *item = all; item; item = item->ifa_next) {
		/* Of each interface there is one of this kind, and it has no other address. */
		if (item->ifa_addr && item->ifa_addr->sa_family == AF_PACKET)
			take_interface(&found, item);
		else if (item->ifa_addr)
			take_address(&found, item);
	}
	freeifaddrs(all);
	found.asking = netlink.fd;
	*network = found;
	return 0;
}

void kernel_network_finish(struct kernel_network *network)
{
	free(network->interfaces);
	free(network->addresses);
	close(network->asking);
	*network = (struct kernel_network){.asking = -1};
}

/* --- routes */

struct answer {
	struct kernel_route route;
	bool found;
};

static void take_route(void *data, struct nlmsghdr *message)
{
	struct answer *answer = data;
	struct rtmsg *body = NLMSG_DATA(message);
	struct rtattr *interface, *source;
	size_t size, width;

	if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_len < NLMSG_LENGTH(sizeof(*body)))
		return;
	width = body->rtm_family == AF_INET ? 4 : 16;
	size = message->nlmsg_len - NLMSG_LENGTH(sizeof(*body));
	interface = netlink_find(RTM_RTA(body), size, RTA_OIF, sizeof(uint32_t));
	source = netlink_find(RTM_RTA(body), size, RTA_PREFSRC, width);
	answer->found = interface && if_indextoname(*(const uint32_t *)RTA_DATA(interface),
						    answer->route.interface);
	if (!source)
		return;
	answer->route.source.family = body->rtm_family;
	memcpy(answer->route.source.address, RTA_DATA(source), width);
}

int kernel_network_route(struct kernel_network *network, const struct kernel_end *there,
			 const struct kernel_end *here, uint32_t interface,
			 struct kernel_route *ret_route)
{
	const size_t width = there->family == AF_INET ? 4 : 16;
	struct netlink netlink = {.fd = network->asking};
	struct answer answer = {.found = false};
	struct netlink_request request;
	struct rtmsg *body = netlink_request(&request, RTM_GETROUTE, 0, sizeof(*body));
	int error;

	body->rtm_family = (unsigned char)there->family;
	body->rtm_dst_len = (unsigned char)(width * 8);
	netlink_put(&request, RTA_DST, there->address, width);
	if (here) {
		body->rtm_src_len = body->rtm_dst_len;
		netlink_put(&request, RTA_SRC, here->address, width);
	}
	if (interface)
		netlink_put_u32(&request, RTA_OIF, interface);
	error = netlink_ask(&netlink, &request, take_route, &answer);
	if (error == 0 && !answer.found)
		error = -ENETUNREACH;
	if (error == 0)
		*ret_route = answer.route;
	return error;
}

/* --- changes */

int kernel_network_watch(void)
{
	struct netlink netlink;
	int error = netlink_init(&netlink, NETLINK_ROUTE, CHANGES);

	return error < 0 ? error : netlink.fd;
}

bool kernel_network_heard(int watch)
{
	char message[8192];
	bool heard = false;

	/* More than it could hold (ENOBUFS) is something, too. */
	while (recv(watch, message, sizeof(message), MSG_DONTWAIT | MSG_TRUNC) >= 0 ||
	       errno == ENOBUFS)
		heard = true;
	return heard;
}
