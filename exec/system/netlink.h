/*
 * Netlink: asking Linux's kernel about the network, or for something in it, and hearing what it tells of
 * changes: netlink(7). Who makes a lab, who looks for routers and who asks about sockets have it in common.
 *
 * Messages and attributes are not const here, as the kernel's macros that go through them are not.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_NETLINK_H
#define TUNPLAN_EXEC_SYSTEM_NETLINK_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

struct netlink {
	int fd;            /* the socket; readable: there is something to hear */
	uint32_t sequence; /* of the last request */
};

/*
 * Opens a socket of a protocol (NETLINK_…) in the caller's network namespace, where it stays, and lets the
 * kernel tell it of changes of these groups: RTMGRP_… or 0. Returns 0 or -errno.
 */
int netlink_init(struct netlink *netlink, int protocol, uint32_t groups);

/* Closes it. */
void netlink_finish(struct netlink *netlink);

/* A request in the making; the longest, a veth pair, needs about 160 bytes. */
struct netlink_request {
	union {
		struct nlmsghdr header;
		char bytes[512];
	};
};

/* Starts a request. flags: NLM_F_DUMP, or what is to be made. Returns its fixed part, zeroed. */
void *netlink_request(struct netlink_request *request, uint16_t type, uint16_t flags, size_t size);

/* Appends an attribute. What is added before netlink_put_end() of it, stands within it. */
struct rtattr *netlink_put(struct netlink_request *request, unsigned short type, const void *data,
			   size_t size);
void netlink_put_u32(struct netlink_request *request, unsigned short type, uint32_t value);
void netlink_put_text(struct netlink_request *request, unsigned short type, const char *text);
void netlink_put_end(struct netlink_request *request, struct rtattr *attribute);

/*
 * Sends a request and gives each message that comes, also what the kernel tells unasked, to `take` (which
 * may be NULL) until the answer is complete. Returns the kernel's own 0 or -errno.
 */
int netlink_ask(struct netlink *netlink, struct netlink_request *request,
		void (*take)(void *data, struct nlmsghdr *message), void *data);

/*
 * Waits until the kernel tells of something, and gives it to `take`. Returns 0, also for a signal, -ETIMEDOUT
 * or another -errno.
 */
int netlink_hear(struct netlink *netlink, int deadline_ms,
		 void (*take)(void *data, struct nlmsghdr *message), void *data);

/* Returns the first attribute of a type in size bytes, or NULL when there is none with that many bytes. */
struct rtattr *netlink_find(struct rtattr *first, size_t size, unsigned short type, size_t least);

#endif
