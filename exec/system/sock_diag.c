#include "exec/system/sock_diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#include "exec/system/netlink.h"

/* What is needed of struct tcp_info: newer kernels tell more than is known here, and older ones less. */
#define INFO_SIZE (offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(uint64_t))

/* Who is given the sockets. */
struct receiver {
	sock_diag_take take;
	void *data;
};

static struct kernel_end read_end(int family, const uint32_t *address, uint16_t port)
{
	struct kernel_end end = {.family = family, .port = ntohs(port)};
	struct in6_addr wide;

	memcpy(&wide, address, sizeof(wide));
	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&wide)) {
		end.family = AF_INET;
		memcpy(end.address, &wide.s6_addr[12], 4);
	} else {
		memcpy(end.address, &wide, family == AF_INET ? 4 : sizeof(wide));
	}
	return end;
}

static void write_end(const struct kernel_end *end, uint32_t *address, uint16_t *port)
{
	memcpy(address, end->address, sizeof(end->address));
	*port = htons(end->port);
}

static struct kernel_tcp read_tcp(const struct inet_diag_msg *told, struct rtattr *attribute)
{
	struct tcp_info info;

	memcpy(&info, RTA_DATA(attribute), INFO_SIZE);
	return (struct kernel_tcp){
		.acked_bytes = info.tcpi_bytes_acked,
		.received_bytes = info.tcpi_bytes_received,
		.unacked_bytes = told->idiag_wqueue,
		.silent_ms = info.tcpi_last_data_recv,
		.there_closed = (1U << told->idiag_state) == SOCK_DIAG_CLOSE_WAIT,
	};
}

static void take_message(void *data, struct nlmsghdr *message)
{
	const struct receiver *receiver = data;
	struct inet_diag_msg *told = NLMSG_DATA(message);
	struct rtattr *first = (struct rtattr *)(void *)(told + 1), *narrow, *info;
	struct sock_diag_socket socket;
	size_t size;

	if ((message->nlmsg_type != SOCK_DIAG_BY_FAMILY &&
	     message->nlmsg_type != TCPDIAG_GETSOCK) ||
	    message->nlmsg_len < NLMSG_LENGTH(sizeof(*told)))
		return;
	size = message->nlmsg_len - NLMSG_LENGTH(sizeof(*told));
	socket = (struct sock_diag_socket){
		.state = 1U << told->idiag_state,
		.inode = told->idiag_inode,
		.user = told->idiag_uid,
		.key = {.interface = told->id.idiag_if,
			.cookie = {told->id.idiag_cookie[0], told->id.idiag_cookie[1]}},
	};
	socket.key.here = read_end(told->idiag_family, told->id.idiag_src, told->id.idiag_sport);
	socket.key.there = read_end(told->idiag_family, told->id.idiag_dst, told->id.idiag_dport);
	narrow = netlink_find(first, size, INET_DIAG_SKV6ONLY, 1);
	socket.both = socket.key.here.family == AF_INET6 && narrow &&
		      *(const uint8_t *)RTA_DATA(narrow) == 0;
	info = netlink_find(first, size, INET_DIAG_INFO, INFO_SIZE);
	socket.has_tcp = info && socket.state & SOCK_DIAG_CONNECTED;
	if (socket.has_tcp)
		socket.tcp = read_tcp(told, info);
	receiver->take(receiver->data, &socket);
}

/* Opens it where this kernel has such sockets, and nothing forbids them. */
static int open_netlink(struct netlink *netlink)
{
	int error = netlink_init(netlink, NETLINK_SOCK_DIAG, 0);

	return error == -EPROTONOSUPPORT || error == -EAFNOSUPPORT ? -ENOSYS : error;
}

int sock_diag_each(uint32_t states, sock_diag_take take, void *data)
{
	struct receiver receiver = {take, data};
	struct netlink netlink;
	struct netlink_request request;
	struct inet_diag_req *wanted;
	int error = open_netlink(&netlink);

	if (error < 0)
		return error;
	/*
	 * The old request is for both families. The kernel goes through its whole table for an answer, so the
	 * new one, which is for one of them, would take twice as long.
	 */
	wanted = netlink_request(&request, TCPDIAG_GETSOCK, NLM_F_DUMP, sizeof(*wanted));
	wanted->idiag_states = states;
	error = netlink_ask(&netlink, &request, take_message, &receiver);
	netlink_finish(&netlink);
	/* There is no module that tells of TCP. */
	return error == -ENOENT || error == -EOPNOTSUPP ? -ENOSYS : error;
}

int sock_diag_one(const struct kernel_tcp_key *key, sock_diag_take take, void *data)
{
	struct receiver receiver = {take, data};
	struct netlink netlink;
	struct netlink_request request;
	struct inet_diag_req_v2 *wanted;
	int error = open_netlink(&netlink);

	if (error < 0)
		return error;
	wanted = netlink_request(&request, SOCK_DIAG_BY_FAMILY, 0, sizeof(*wanted));
	wanted->sdiag_family = (uint8_t)key->here.family;
	wanted->sdiag_protocol = IPPROTO_TCP;
	wanted->idiag_ext = 1U << (INET_DIAG_INFO - 1);
	wanted->id.idiag_if = key->interface;
	wanted->id.idiag_cookie[0] = key->cookie[0];
	wanted->id.idiag_cookie[1] = key->cookie[1];
	write_end(&key->here, wanted->id.idiag_src, &wanted->id.idiag_sport);
	write_end(&key->there, wanted->id.idiag_dst, &wanted->id.idiag_dport);
	error = netlink_ask(&netlink, &request, take_message, &receiver);
	netlink_finish(&netlink);
	/* What is found between these ends now, is another one. */
	return error == -ESTALE ? -ENOENT : error;
}

int sock_diag_fitness(const struct kernel_end *listener, bool both, const struct kernel_end *end)
{
	static const uint8_t any[sizeof(end->address)];

	if (listener->family == end->family &&
	    memcmp(listener->address, end->address, sizeof(end->address)) == 0)
		return 3;
	if (memcmp(listener->address, any, sizeof(any)) != 0)
		return 0;
	return listener->family == end->family ? 2 : both;
}
