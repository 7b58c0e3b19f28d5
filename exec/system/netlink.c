#include "exec/system/netlink.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the kernel puts into one message of a dump at most. */
#define ANSWER_SIZE 32768

int netlink_init(struct netlink *netlink, int protocol, uint32_t groups)
{
	const struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&own, sizeof(own)) == 0) {
		*netlink = (struct netlink){.fd = fd};
		return 0;
	}
	error = -errno;
	close(fd);
	return error;
}

void netlink_finish(struct netlink *netlink)
{
	close(netlink->fd);
	netlink->fd = -1;
}

void *netlink_request(struct netlink_request *request, uint16_t type, uint16_t flags, size_t size)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_type = type;
	/* A dump, which ends by itself, is not acknowledged even so. */
	request->header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(size);
	return NLMSG_DATA(&request->header);
}

/* Returns where the next attribute goes. */
static void *request_end(struct netlink_request *request)
{
	return request->bytes + NLMSG_ALIGN(request->header.nlmsg_len);
}

struct rtattr *netlink_put(struct netlink_request *request, unsigned short type, const void *data,
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

void netlink_put_u32(struct netlink_request *request, unsigned short type, uint32_t value)
{
	netlink_put(request, type, &value, sizeof(value));
}

void netlink_put_text(struct netlink_request *request, unsigned short type, const char *text)
{
	netlink_put(request, type, text, strlen(text) + 1);
}

void netlink_put_end(struct netlink_request *request, struct rtattr *attribute)
{
	attribute->rta_len = (unsigned short)((char *)request_end(request) - (char *)attribute);
}

/* Whether a message is the last one of the answer to a request, and what the kernel made of that. */
static bool ends_answer(struct nlmsghdr *message, uint32_t sequence, int *ret_result)
{
	if (message->nlmsg_seq != sequence)
		return false;
	if (message->nlmsg_type == NLMSG_ERROR)
		*ret_result = ((const struct nlmsgerr *)NLMSG_DATA(message))->error;
	else if (message->nlmsg_type == NLMSG_DONE)
		*ret_result = message->nlmsg_len < NLMSG_LENGTH(sizeof(int))
				      ? 0
				      : *(const int *)NLMSG_DATA(message);
	else
		return false;
	return true;
}

/* Takes what the kernel says next. Returns 1 at the end of an answer, 0 when there is more, or -errno. */
static int receive(struct netlink *netlink, void (*take)(void *data, struct nlmsghdr *message),
		   void *data)
{
	union {
		struct nlmsghdr header;
		char bytes[ANSWER_SIZE];
	} answer;
	struct nlmsghdr *message = &answer.header;
	ssize_t size = recv(netlink->fd, &answer, sizeof(answer), 0);
	int result;

	if (size < 0)
		return errno == EINTR ? 0 : -errno;
	for (size_t left = (size_t)size; NLMSG_OK(message, left);
	     message = NLMSG_NEXT(message, left)) {
		if (ends_answer(message, netlink->sequence, &result))
			return result < 0 ? result : 1;
		if (take)
			take(data, message);
	}
	return 0;
}

int netlink_ask(struct netlink *netlink, struct netlink_request *request,
		void (*take)(void *data, struct nlmsghdr *message), void *data)
{
	int result;

	request->header.nlmsg_seq = ++netlink->sequence;
	while (send(netlink->fd, request, request->header.nlmsg_len, 0) < 0)
		if (errno != EINTR)
			return -errno;
	do
		result = receive(netlink, take, data);
	while (result == 0);
	return result < 0 ? result : 0;
}

int netlink_hear(struct netlink *netlink, int deadline_ms,
		 void (*take)(void *data, struct nlmsghdr *message), void *data)
{
	struct pollfd told = {.fd = netlink->fd, .events = POLLIN};
	int result = poll(&told, 1, deadline_ms);

	if (result == 0)
		return -ETIMEDOUT;
	if (result < 0)
		return errno == EINTR ? 0 : -errno;
	result = receive(netlink, take, data);
	return result < 0 ? result : 0;
}

struct rtattr *netlink_find(struct rtattr *first, size_t size, unsigned short type, size_t least)
{
	int left = (int)size;

	for (; RTA_OK(first, left); first = RTA_NEXT(first, left))
		if (first->rta_type == type)
			return RTA_PAYLOAD(first) >= least ? first : NULL;
	return NULL;
}
