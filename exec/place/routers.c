#include "exec/place/routers.h"

#include <errno.h>

#ifdef __linux__

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/system/clock.h"
#include "exec/system/netlink.h"

/* Longest prefix of a route that leads everywhere: 0.0.0.0/0, or a half of it. */
#define DEFAULT_PREFIX_MAX 1

/* Where nobody listens (RFC 863). What is sent there only makes the kernel look for the router. */
#define DISCARD_PORT 9

struct found {
	struct place_router router;
	int link; /* index of the interface that leads to it */
};

/* The search for routers. */
struct finder {
	struct netlink netlink; /* told of every change of a neighbour */
	struct arena *arena;
	struct found *found;
	size_t count;
};

/* --- routes */

/* Takes an address of a family from an attribute that may be NULL. Fills in all but the text. */
static bool read_address(uint8_t family, struct rtattr *attribute, struct address *ret_address)
{
	const size_t size = family == AF_INET ? 4 : 16;

	if ((family != AF_INET && family != AF_INET6) || !attribute ||
	    RTA_PAYLOAD(attribute) < size)
		return false;
	*ret_address = (struct address){.family = family == AF_INET ? ADDRESS_IPV4 : ADDRESS_IPV6};
	memcpy(ret_address->bytes, RTA_DATA(attribute), size);
	return true;
}

static bool is_at(const struct found *found, const struct address *address, int link)
{
	const struct address *known = &found->router.address;

	return found->link == link && known->family == address->family &&
	       memcmp(known->bytes, address->bytes, sizeof(known->bytes)) == 0;
}

static void add_router(struct finder *finder, struct address address, int link)
{
	const int family = address.family == ADDRESS_IPV4 ? AF_INET : AF_INET6;
	char text[INET6_ADDRSTRLEN] = "";
	struct found *found;

	for (size_t i = 0; i < finder->count; i++)
		if (is_at(&finder->found[i], &address, link))
			return;
	inet_ntop(family, address.bytes, text, sizeof(text));
	address.text = arena_string(finder->arena, text);
	found = arena_push(finder->arena, &finder->found, &finder->count, sizeof(*found));
	*found = (struct found){.router = {.address = address}, .link = link};
}

/* Takes the gateway of a way: of the route's family, or (RTA_VIA) of the other, IPv4 by an IPv6 router. */
static void read_gateway(struct finder *finder, uint8_t family, struct rtattr *first, size_t size,
			 int link)
{
	struct rtattr *attribute = netlink_find(first, size, RTA_VIA, sizeof(struct rtvia) + 16);
	const struct rtvia *via = attribute ? RTA_DATA(attribute) : NULL;
	struct address address = {.family = ADDRESS_IPV6};

	if (via && via->rtvia_family == AF_INET6) {
		memcpy(address.bytes, via->rtvia_addr, 16);
		add_router(finder, address, link);
	} else if (read_address(family, netlink_find(first, size, RTA_GATEWAY, 0), &address)) {
		add_router(finder, address, link);
	}
}

/* Whether the link of a route, or of one of its ways, is there. */
static bool is_working(unsigned flags)
{
	return !(flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN));
}

/* A route with several ways: each of them may have a router of its own. */
static void read_ways(struct finder *finder, uint8_t family, struct rtattr *attribute)
{
	struct rtnexthop *way = RTA_DATA(attribute);
	int left = (int)RTA_PAYLOAD(attribute);

	while (RTNH_OK(way, left)) {
		if (is_working(way->rtnh_flags))
			read_gateway(finder, family, RTNH_DATA(way), way->rtnh_len - RTNH_LENGTH(0),
				     way->rtnh_ifindex);
		left -= (int)RTNH_ALIGN(way->rtnh_len);
		way = RTNH_NEXT(way);
	}
}

static void take_route(struct finder *finder, struct nlmsghdr *message)
{
	struct rtmsg *route = NLMSG_DATA(message);
	struct rtattr *first = RTM_RTA(route);
	const size_t size = RTM_PAYLOAD(message);
	struct rtattr *ways = netlink_find(first, size, RTA_MULTIPATH, 0);
	struct rtattr *link = netlink_find(first, size, RTA_OIF, sizeof(int));

	if (route->rtm_dst_len > DEFAULT_PREFIX_MAX || !is_working(route->rtm_flags))
		return;
	if (ways)
		read_ways(finder, route->rtm_family, ways);
	else
		read_gateway(finder, route->rtm_family, first, size,
			     link ? *(const int *)RTA_DATA(link) : 0);
}

/* --- neighbours */

/* The kernel tells the MAC address only of those whom it has asked, and who answered. */
static void take_neighbour(struct finder *finder, struct nlmsghdr *message)
{
	struct ndmsg *neighbour = NLMSG_DATA(message);
	struct rtattr *first = (void *)(neighbour + 1);
	const size_t size = message->nlmsg_len - NLMSG_LENGTH(sizeof(*neighbour));
	struct rtattr *mac = netlink_find(first, size, NDA_LLADDR, 6);
	struct address address;

	if (!mac || RTA_PAYLOAD(mac) != 6 ||
	    !read_address(neighbour->ndm_family, netlink_find(first, size, NDA_DST, 0), &address))
		return;
	for (size_t i = 0; i < finder->count; i++) {
		struct found *found = &finder->found[i];

		if (!is_at(found, &address, neighbour->ndm_ifindex))
			continue;
		memcpy(found->router.mac, RTA_DATA(mac), sizeof(found->router.mac));
		found->router.mac_known = true;
	}
}

/* --- asking the kernel */

static void take(void *finder, struct nlmsghdr *message)
{
	if (message->nlmsg_type == RTM_NEWROUTE)
		take_route(finder, message);
	else if (message->nlmsg_type == RTM_NEWNEIGH)
		take_neighbour(finder, message);
}

/* Takes all things of a kind and family that the kernel has. Returns 0 or -errno. */
static int dump(struct finder *finder, uint16_t type, uint8_t family)
{
	struct netlink_request request;
	/* Requests for routes and for neighbours have a header of the same size, zero but for the family. */
	struct rtmsg *body = netlink_request(&request, type, NLM_F_DUMP, sizeof(*body));

	_Static_assert(sizeof(struct rtmsg) == sizeof(struct ndmsg), "it serves for both");
	body->rtm_family = family;
	return netlink_ask(&finder->netlink, &request, take, finder);
}

/* --- routers that nobody has spoken to */

/* Whether neighbours on a link have MAC addresses at all: those in a VPN have none. */
static bool has_macs(int link)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool known;

	if (fd < 0)
		return false;
	known = if_indextoname((unsigned)link, request.ifr_name) &&
		ioctl(fd, SIOCGIFFLAGS, &request) == 0;
	close(fd);
	return known && !(request.ifr_flags & (IFF_NOARP | IFF_POINTOPOINT));
}

/* Makes the kernel ask who has the router's address. That it cannot is no error of ours. */
static void speak_to(const struct address *address, int link)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
				   .sin6_port = htons(DISCARD_PORT),
				   .sin6_scope_id = (uint32_t)link};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(DISCARD_PORT)};
	const bool is_four = address->family == ADDRESS_IPV4;
	int fd = socket(is_four ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	memcpy(&four.sin_addr, address->bytes, 4);
	memcpy(&six.sin6_addr, address->bytes, 16);
	(void)!sendto(fd, "", 0, 0,
		      is_four ? (const struct sockaddr *)&four : (const struct sockaddr *)&six,
		      is_four ? sizeof(four) : sizeof(six));
	close(fd);
}

/* Asks for what is not known, and returns of how many routers an answer can be expected. */
static size_t speak_to_unknown(const struct finder *finder)
{
	size_t asked = 0;

	for (size_t i = 0; i < finder->count; i++) {
		const struct found *found = &finder->found[i];

		if (found->router.mac_known || !has_macs(found->link))
			continue;
		speak_to(&found->router.address, found->link);
		asked++;
	}
	return asked;
}

static size_t count_known(const struct finder *finder)
{
	size_t count = 0;

	for (size_t i = 0; i < finder->count; i++)
		count += finder->found[i].router.mac_known;
	return count;
}

/* Waits until the kernel has told of all of them, or the time is up: then they stay unknown. */
static void ask_unknown(struct finder *finder, int deadline_ms)
{
	const uint64_t end_ms = clock_ms() + (uint64_t)deadline_ms;
	const size_t enough = count_known(finder) + speak_to_unknown(finder);

	while (count_known(finder) < enough) {
		const uint64_t now_ms = clock_ms();

		if (now_ms >= end_ms ||
		    netlink_hear(&finder->netlink, (int)(end_ms - now_ms), take, finder) < 0)
			return;
	}
}

static int find(struct finder *finder, bool macs, int deadline_ms)
{
	int error = dump(finder, RTM_GETROUTE, AF_INET);

	if (error == 0)
		error = dump(finder, RTM_GETROUTE, AF_INET6);
	if (error < 0 || !macs)
		return error;
	error = dump(finder, RTM_GETNEIGH, AF_UNSPEC);
	if (error == 0)
		ask_unknown(finder, deadline_ms);
	return error;
}

int routers_find(bool macs, int deadline_ms, struct arena *arena, struct place_facts *facts)
{
	struct finder finder = {.arena = arena};
	struct place_router *routers;
	int error = netlink_init(&finder.netlink, NETLINK_ROUTE, RTMGRP_NEIGH);

	if (error < 0)
		return error;
	error = find(&finder, macs, deadline_ms);
	netlink_finish(&finder.netlink);
	if (error < 0)
		return error;
	routers = arena_array(arena, finder.count, sizeof(*routers));
	for (size_t i = 0; i < finder.count; i++)
		routers[i] = finder.found[i].router;
	facts->routers = routers;
	facts->router_count = finder.count;
	return 0;
}

#else

int routers_find(bool macs, int deadline_ms, struct arena *arena, struct place_facts *facts)
{
	(void)macs;
	(void)deadline_ms;
	(void)arena;
	(void)facts;
	return -ENOTSUP;
}

#endif
