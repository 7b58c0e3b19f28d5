#include "exec/lab/kernel/devices.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* The metric of an IPv6 route for which none is stated. */
#define IPV6_METRIC 1024

/* Where routes stand that are for some ports only: a table for each leg; and when they are looked at. */
#define PORT_TABLES 1000
#define PORT_RULES  1000

int lab_bridge_add(struct netlink *netlink, const char *name)
{
	struct netlink_request request;
	struct ifinfomsg *link = netlink_request(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
						 sizeof(struct ifinfomsg));
	struct rtattr *info, *data;
	uint8_t off = 0;

	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	netlink_put_text(&request, IFLA_IFNAME, name);
	info = netlink_put(&request, IFLA_LINKINFO, NULL, 0);
	netlink_put_text(&request, IFLA_INFO_KIND, "bridge");
	data = netlink_put(&request, IFLA_INFO_DATA, NULL, 0);
	netlink_put_u32(&request, IFLA_BR_STP_STATE, 0);
	netlink_put(&request, IFLA_BR_MCAST_SNOOPING, &off, sizeof(off));
	netlink_put_end(&request, data);
	netlink_put_end(&request, info);
	return netlink_ask(netlink, &request, NULL, NULL);
}

/* Appends the description of the end there: a link of its own within the request. */
static void peer_add(struct netlink_request *request, const struct lab_veth *veth)
{
	struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
	struct rtattr *peer = netlink_put(request, VETH_INFO_PEER, &link, sizeof(link));

	netlink_put_text(request, IFLA_IFNAME, veth->device);
	netlink_put(request, IFLA_ADDRESS, veth->mac, 6);
	netlink_put_u32(request, IFLA_NET_NS_PID, (uint32_t)veth->owner);
	netlink_put_end(request, peer);
}

int lab_veth_add(struct netlink *netlink, const struct lab_veth *veth)
{
	struct netlink_request request;
	struct rtattr *info, *data;
	int error;

	netlink_request(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	netlink_put_text(&request, IFLA_IFNAME, veth->port);
	netlink_put_u32(&request, IFLA_MASTER, (uint32_t)veth->bridge);
	info = netlink_put(&request, IFLA_LINKINFO, NULL, 0);
	netlink_put_text(&request, IFLA_INFO_KIND, "veth");
	data = netlink_put(&request, IFLA_INFO_DATA, NULL, 0);
	peer_add(&request, veth);
	netlink_put_end(&request, data);
	netlink_put_end(&request, info);
	error = netlink_ask(netlink, &request, NULL, NULL);
	return error < 0 ? error : lab_device_up(netlink, (int)if_nametoindex(veth->port));
}

int lab_device_up(struct netlink *netlink, int index)
{
	struct netlink_request request;
	struct ifinfomsg *link =
		netlink_request(&request, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));

	link->ifi_index = index;
	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	return netlink_ask(netlink, &request, NULL, NULL);
}

static uint8_t socket_family(enum address_family family)
{
	return family == ADDRESS_IPV4 ? AF_INET : AF_INET6;
}

static size_t address_size(enum address_family family)
{
	return family == ADDRESS_IPV4 ? 4 : 16;
}

int lab_address_add(struct netlink *netlink, int index, const struct lab_address *address,
		    bool dials)
{
	/* Deprecated: it works, and is chosen by nobody. */
	const struct ifa_cacheinfo life = {.ifa_prefered = dials ? UINT32_MAX : 0,
					   .ifa_valid = UINT32_MAX};
	const struct address *value = &address->address;
	struct netlink_request request;
	struct ifaddrmsg *message = netlink_request(
		&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifaddrmsg));

	message->ifa_family = socket_family(value->family);
	message->ifa_prefixlen = address->prefix;
	message->ifa_index = (unsigned)index;
	netlink_put_u32(&request, IFA_FLAGS,
			(value->family == ADDRESS_IPV6 ? IFA_F_NODAD : 0u) |
				(dials ? 0u : IFA_F_NOPREFIXROUTE));
	netlink_put(&request, IFA_LOCAL, value->bytes, address_size(value->family));
	netlink_put(&request, IFA_ADDRESS, value->bytes, address_size(value->family));
	netlink_put(&request, IFA_CACHEINFO, &life, sizeof(life));
	return netlink_ask(netlink, &request, NULL, NULL);
}

/* IPv6 has a metric for those that state none, and 0 means that one. */
static uint32_t route_metric(const struct lab_route *route)
{
	return route->to.family == ADDRESS_IPV6 ? IPV6_METRIC + route->metric : route->metric;
}

/* Copies the first bits of an address: a route's destination has no others. */
static void bytes_mask(const uint8_t *bytes, unsigned prefix, uint8_t *ret_bytes)
{
	memset(ret_bytes, 0, 16);
	memcpy(ret_bytes, bytes, (prefix + 7) / 8);
	if (prefix % 8)
		ret_bytes[prefix / 8] &= (uint8_t)(0xff00 >> prefix % 8);
}

/* Lets connections to the route's ports look into a table that others do not see. */
static int port_rule_add(struct netlink *netlink, const struct lab_route *route, uint32_t table)
{
	const struct fib_rule_port_range ports = {route->first_port, route->last_port};
	const uint8_t tcp = IPPROTO_TCP;
	struct netlink_request request;
	struct fib_rule_hdr *message = netlink_request(
		&request, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct fib_rule_hdr));

	message->family = socket_family(route->to.family);
	message->dst_len = route->prefix;
	message->action = FR_ACT_TO_TBL;
	netlink_put(&request, FRA_DST, route->to.bytes, address_size(route->to.family));
	netlink_put(&request, FRA_IP_PROTO, &tcp, sizeof(tcp));
	netlink_put(&request, FRA_DPORT_RANGE, &ports, sizeof(ports));
	netlink_put_u32(&request, FRA_TABLE, table);
	netlink_put_u32(&request, FRA_PRIORITY, PORT_RULES);
	return netlink_ask(netlink, &request, NULL, NULL);
}

static int table_route_add(struct netlink *netlink, int index, const struct lab_route *route,
			   const struct address *source, uint32_t table)
{
	size_t size = address_size(route->to.family);
	struct netlink_request request;
	struct rtmsg *message = netlink_request(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
						sizeof(struct rtmsg));
	uint8_t to[16];

	message->rtm_family = socket_family(route->to.family);
	message->rtm_dst_len = route->prefix;
	message->rtm_protocol = RTPROT_STATIC;
	message->rtm_type = RTN_UNICAST;
	message->rtm_scope = route->via.text ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	bytes_mask(route->to.bytes, route->prefix, to);
	netlink_put_u32(&request, RTA_TABLE, table);
	if (route->prefix > 0)
		netlink_put(&request, RTA_DST, to, size);
	if (route->via.text)
		netlink_put(&request, RTA_GATEWAY, route->via.bytes, size);
	if (source)
		netlink_put(&request, RTA_PREFSRC, source->bytes, size);
	netlink_put_u32(&request, RTA_PRIORITY, route_metric(route));
	netlink_put_u32(&request, RTA_OIF, (uint32_t)index);
	return netlink_ask(netlink, &request, NULL, NULL);
}

int lab_route_add(struct netlink *netlink, int index, const struct lab_route *route,
		  const struct address *source)
{
	const uint32_t table = PORT_TABLES + (uint32_t)route->leg;
	int error;

	if (!route->first_port)
		return table_route_add(netlink, index, route, source, RT_TABLE_MAIN);
	error = port_rule_add(netlink, route, table);
	if (error == -EOPNOTSUPP || error == -EAFNOSUPPORT)
		return 0;
	if (error == 0)
		error = table_route_add(netlink, index, route, source, table);
	/* Other ports of the same address have brought it already. */
	return error == -EEXIST ? 0 : error;
}
