#include "exec/lab/kernel/netlink.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bytes of the largest request; the longest, a veth pair, needs about 160. */
#define REQUEST_SIZE 512
/* Bytes of the largest answer: an error that repeats the request. */
#define ANSWER_SIZE 4096

/* The metric of an IPv6 route for which none is stated. */
#define IPV6_METRIC 1024

/* Where routes stand that are for some ports only: a table for each leg; and when they are looked at. */
#define PORT_TABLES 1000
#define PORT_RULES  1000

/* A request in the making. */
struct request {
	union {
		struct nlmsghdr header;
		char bytes[REQUEST_SIZE];
	};
};

int netlink_init(struct netlink *netlink)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	*netlink = (struct netlink){.fd = fd};
	return 0;
}

void netlink_finish(struct netlink *netlink)
{
	close(netlink->fd);
	netlink->fd = -1;
}

/* Starts a request and returns its fixed part, zeroed. */
static void *request_init(struct request *request, uint16_t type, uint16_t flags, size_t size)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	return NLMSG_DATA(&request->header);
}

/* Returns where the next attribute goes. */
static void *request_end(struct request *request)
{
	return request->bytes + NLMSG_ALIGN(request->header.nlmsg_len);
}

static struct rtattr *attribute_add(struct request *request, unsigned short type, const void *data,
				    size_t size)
{
	struct rtattr *attribute = request_end(request);

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size > 0)
		memcpy(RTA_DATA(attribute), data, size);
	request->header.nlmsg_len =
		(uint32_t)(NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len));
	return attribute;
}

static void attribute_u32(struct request *request, unsigned short type, uint32_t value)
{
	attribute_add(request, type, &value, sizeof(value));
}

static void attribute_text(struct request *request, unsigned short type, const char *text)
{
	attribute_add(request, type, text, strlen(text) + 1);
}

/* Closes an attribute that holds those added since. */
static void attribute_close(struct request *request, struct rtattr *attribute)
{
	attribute->rta_len = (unsigned short)((char *)request_end(request) - (char *)attribute);
}

/* Waits for the acknowledgement of the last request: the kernel's 0 or -errno. */
static int acknowledged(struct netlink *netlink)
{
	union {
		struct nlmsghdr header;
		char bytes[ANSWER_SIZE];
	} answer;

	for (;;) {
		ssize_t size = recv(netlink->fd, &answer, sizeof(answer), 0);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		if (NLMSG_OK(&answer.header, (size_t)size) &&
		    answer.header.nlmsg_type == NLMSG_ERROR &&
		    answer.header.nlmsg_seq == netlink->sequence)
			return ((const struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
	}
}

static int request_send(struct netlink *netlink, struct request *request)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent;

	request->header.nlmsg_seq = ++netlink->sequence;
	do {
		sent = sendto(netlink->fd, request, request->header.nlmsg_len, 0,
			      (const struct sockaddr *)&kernel, sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : acknowledged(netlink);
}

int netlink_bridge_add(struct netlink *netlink, const char *name)
{
	struct request request;
	struct ifinfomsg *link = request_init(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
					      sizeof(struct ifinfomsg));
	struct rtattr *info, *data;
	uint8_t off = 0;

	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	attribute_text(&request, IFLA_IFNAME, name);
	info = attribute_add(&request, IFLA_LINKINFO, NULL, 0);
	attribute_text(&request, IFLA_INFO_KIND, "bridge");
	data = attribute_add(&request, IFLA_INFO_DATA, NULL, 0);
	attribute_u32(&request, IFLA_BR_STP_STATE, 0);
	attribute_add(&request, IFLA_BR_MCAST_SNOOPING, &off, sizeof(off));
	attribute_close(&request, data);
	attribute_close(&request, info);
	return request_send(netlink, &request);
}

/* Appends the description of the end there: a link of its own within the request. */
static void peer_add(struct request *request, const struct netlink_veth *veth)
{
	struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
	struct rtattr *peer = attribute_add(request, VETH_INFO_PEER, &link, sizeof(link));

	attribute_text(request, IFLA_IFNAME, veth->device);
	attribute_add(request, IFLA_ADDRESS, veth->mac, 6);
	attribute_u32(request, IFLA_NET_NS_PID, (uint32_t)veth->owner);
	attribute_close(request, peer);
}

int netlink_veth_add(struct netlink *netlink, const struct netlink_veth *veth)
{
	struct request request;
	struct rtattr *info, *data;
	int error;

	request_init(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
	attribute_text(&request, IFLA_IFNAME, veth->port);
	attribute_u32(&request, IFLA_MASTER, (uint32_t)veth->bridge);
	info = attribute_add(&request, IFLA_LINKINFO, NULL, 0);
	attribute_text(&request, IFLA_INFO_KIND, "veth");
	data = attribute_add(&request, IFLA_INFO_DATA, NULL, 0);
	peer_add(&request, veth);
	attribute_close(&request, data);
	attribute_close(&request, info);
	error = request_send(netlink, &request);
	return error < 0 ? error : netlink_up(netlink, (int)if_nametoindex(veth->port));
}

int netlink_up(struct netlink *netlink, int index)
{
	struct request request;
	struct ifinfomsg *link = request_init(&request, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));

	link->ifi_index = index;
	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	return request_send(netlink, &request);
}

static uint8_t socket_family(enum address_family family)
{
	return family == ADDRESS_IPV4 ? AF_INET : AF_INET6;
}

static size_t address_size(enum address_family family)
{
	return family == ADDRESS_IPV4 ? 4 : 16;
}

int netlink_address_add(struct netlink *netlink, int index, const struct lab_address *address,
			bool dials)
{
	/* Deprecated: it works, and is chosen by nobody. */
	const struct ifa_cacheinfo life = {.ifa_prefered = dials ? UINT32_MAX : 0,
					   .ifa_valid = UINT32_MAX};
	const struct address *value = &address->address;
	struct request request;
	struct ifaddrmsg *message = request_init(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
						 sizeof(struct ifaddrmsg));

	message->ifa_family = socket_family(value->family);
	message->ifa_prefixlen = address->prefix;
	message->ifa_index = (unsigned)index;
	attribute_u32(&request, IFA_FLAGS,
		      (value->family == ADDRESS_IPV6 ? IFA_F_NODAD : 0u) |
			      (dials ? 0u : IFA_F_NOPREFIXROUTE));
	attribute_add(&request, IFA_LOCAL, value->bytes, address_size(value->family));
	attribute_add(&request, IFA_ADDRESS, value->bytes, address_size(value->family));
	attribute_add(&request, IFA_CACHEINFO, &life, sizeof(life));
	return request_send(netlink, &request);
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
	struct request request;
	struct fib_rule_hdr *message = request_init(
		&request, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct fib_rule_hdr));

	message->family = socket_family(route->to.family);
	message->dst_len = route->prefix;
	message->action = FR_ACT_TO_TBL;
	attribute_add(&request, FRA_DST, route->to.bytes, address_size(route->to.family));
	attribute_add(&request, FRA_IP_PROTO, &tcp, sizeof(tcp));
	attribute_add(&request, FRA_DPORT_RANGE, &ports, sizeof(ports));
	attribute_u32(&request, FRA_TABLE, table);
	attribute_u32(&request, FRA_PRIORITY, PORT_RULES);
	return request_send(netlink, &request);
}

static int table_route_add(struct netlink *netlink, int index, const struct lab_route *route,
			   const struct address *source, uint32_t table)
{
	size_t size = address_size(route->to.family);
	struct request request;
	struct rtmsg *message = request_init(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
					     sizeof(struct rtmsg));
	uint8_t to[16];

	message->rtm_family = socket_family(route->to.family);
	message->rtm_dst_len = route->prefix;
	message->rtm_protocol = RTPROT_STATIC;
	message->rtm_type = RTN_UNICAST;
	message->rtm_scope = route->via.text ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	bytes_mask(route->to.bytes, route->prefix, to);
	attribute_u32(&request, RTA_TABLE, table);
	if (route->prefix > 0)
		attribute_add(&request, RTA_DST, to, size);
	if (route->via.text)
		attribute_add(&request, RTA_GATEWAY, route->via.bytes, size);
	if (source)
		attribute_add(&request, RTA_PREFSRC, source->bytes, size);
	attribute_u32(&request, RTA_PRIORITY, route_metric(route));
	attribute_u32(&request, RTA_OIF, (uint32_t)index);
	return request_send(netlink, &request);
}

int netlink_route_add(struct netlink *netlink, int index, const struct lab_route *route,
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
