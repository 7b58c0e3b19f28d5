#include "exec/lab/kernel/ready.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address that is not in use by then never will be. */
#define READY_DEADLINE_MS 10000
#define MESSAGE_SIZE      8192

int lab_ready_watch(int *ret_fd)
{
	/* An address in use has a route of its own, which is the last that is made. */
	const struct sockaddr_nl groups = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV6_ROUTE};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&groups, sizeof(groups)) == 0) {
		*ret_fd = fd;
		return 0;
	}
	error = -errno;
	close(fd);
	return error;
}

/* Returns whether a route is that of the host itself to an IPv6 address of the node. */
static bool is_own(struct rtmsg *route, size_t size, const struct lab_node *node)
{
	struct rtattr *attribute = RTM_RTA(route);
	int left = (int)size;

	if (route->rtm_type != RTN_LOCAL || route->rtm_dst_len != 128)
		return false;
	while (RTA_OK(attribute, left) && attribute->rta_type != RTA_DST)
		attribute = RTA_NEXT(attribute, left);
	for (size_t l = 0; RTA_OK(attribute, left) && l < node->leg_count; l++)
		for (size_t a = 0; a < node->legs[l].address_count; a++) {
			const struct address *address = &node->legs[l].addresses[a].address;

			if (address->family == ADDRESS_IPV6 &&
			    memcmp(RTA_DATA(attribute), address->bytes, 16) == 0)
				return true;
		}
	return false;
}

/* Takes what the kernel says next. Returns how many addresses it tells of, or -errno. */
static int take(int fd, const struct lab_node *node)
{
	union {
		struct nlmsghdr header;
		char bytes[MESSAGE_SIZE];
	} said;
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	struct nlmsghdr *message = &said.header;
	ssize_t size;
	int count = poll(&wait, 1, READY_DEADLINE_MS);

	if (count <= 0)
		return count == 0 ? -ETIMEDOUT : errno == EINTR ? 0 : -errno;
	size = recv(fd, &said, sizeof(said), 0);
	if (size < 0)
		return errno == EINTR ? 0 : -errno;
	count = 0;
	for (size_t left = (size_t)size; NLMSG_OK(message, left);
	     message = NLMSG_NEXT(message, left))
		if (message->nlmsg_type == RTM_NEWROUTE)
			count += is_own(NLMSG_DATA(message), RTM_PAYLOAD(message), node);
	return count;
}

int lab_ready_wait(int fd, const struct lab_node *node)
{
	size_t awaited = 0;
	int count = 0;

	for (size_t l = 0; l < node->leg_count; l++)
		for (size_t a = 0; a < node->legs[l].address_count; a++)
			awaited += node->legs[l].addresses[a].address.family == ADDRESS_IPV6;
	while (awaited > 0 && count >= 0) {
		count = take(fd, node);
		if (count > 0)
			awaited -= (size_t)count < awaited ? (size_t)count : awaited;
	}
	close(fd);
	return count < 0 ? count : 0;
}
