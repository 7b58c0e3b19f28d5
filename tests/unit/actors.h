/*
 * Actors: processes that play ssh and its ProxyCommand. They open and close what the test orders, and all that they
 * do, they do as an ordinary user, also where root runs the test.
 */
#ifndef TUNPLAN_TESTS_UNIT_ACTORS_H
#define TUNPLAN_TESTS_UNIT_ACTORS_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/system/kernel.h"

#define NOBODY 65534

static inline void become_ordinary(void)
{
	if (geteuid() != 0)
		return;
	cr_assert(eq(int, setgroups(0, NULL), 0));
	cr_assert(eq(int, setresgid(NOBODY, NOBODY, NOBODY), 0));
	cr_assert(eq(int, setresuid(NOBODY, NOBODY, NOBODY), 0));
	/* As a process has it that was started by that user. */
	cr_assert(eq(int, prctl(PR_SET_DUMPABLE, 1), 0));
}

static inline void ordinary_begin(void)
{
	uint64_t slept_ms;

	if (kernel_slept_ms(&slept_ms) == -ENOSYS)
		cr_skip_test("this is built without what only Linux tells");
	become_ordinary();
}

/* --- sockets */

union socket_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

/* A numeric address and a port: returns its size. */
static inline socklen_t make_address(const char *text, int port, union socket_address *ret_address)
{
	memset(ret_address, 0, sizeof(*ret_address));
	if (strchr(text, ':')) {
		ret_address->v6.sin6_family = AF_INET6;
		ret_address->v6.sin6_port = htons((uint16_t)port);
		inet_pton(AF_INET6, text, &ret_address->v6.sin6_addr);
		return sizeof(ret_address->v6);
	}
	ret_address->v4.sin_family = AF_INET;
	ret_address->v4.sin_port = htons((uint16_t)port);
	inet_pton(AF_INET, text, &ret_address->v4.sin_addr);
	return sizeof(ret_address->v4);
}

static inline int port_of(int fd)
{
	union socket_address address;
	socklen_t size = sizeof(address);

	if (getsockname(fd, &address.any, &size))
		return -errno;
	return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

/* Binds a new socket, so that a later one can have the same place; returns it or -errno. */
static inline int bind_at(const char *text, int port, bool v6only)
{
	union socket_address address;
	socklen_t size = make_address(text, port, &address);
	const int yes = 1, narrow = v6only;
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (address.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &narrow, sizeof(narrow));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
	return bind(fd, &address.any, size) ? -errno : fd;
}

static inline int listen_at(const char *text, int port, bool v6only)
{
	int fd = bind_at(text, port, v6only);

	return fd >= 0 && listen(fd, 100) ? -errno : fd;
}

static inline int connect_from(int fd, const char *text, int port)
{
	union socket_address address;
	socklen_t size = make_address(text, port, &address);

	if (fd < 0)
		fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(fd, &address.any, size) ? -errno : fd;
}

static inline int connect_to(const char *text, int port)
{
	return connect_from(-1, text, port);
}

/* --- actors */

enum order_kind {
	LISTEN,
	CONNECT,
	CONNECT_FROM,
	ACCEPT,
	PORT,
	UNIX,
	PIPE,
	PIPE_OUTPUT, /* gives itself a pipe as standard output */
	CLOSE,
	RESET,
	SEND,
	RECEIVE,
	FILL,
	FORK,
	FORK_LEAKY, /* the child keeps what the actor has */
	FORK_PROXY, /* with pipes, as ssh does it */
};

struct order {
	enum order_kind kind;
	char address[INET6_ADDRSTRLEN];
	int port;
	int number;    /* a descriptor of the actor */
	int count;     /* of bytes */
	int from_port; /* 0: any */
};

/* A process whose descriptors above 2 are all there at the test's order. */
struct actor {
	pid_t pid;
	/* What the orders to the actor, to its child and to its grandchild are written to. */
	int self;
	int child;
	int grandchild;
};

/* Where an actor reads orders and writes answers, and where its child and grandchild are to do so. */
enum { CONTROL = 2, CHILD_CONTROL = 900, GRANDCHILD_CONTROL = 901 };

static inline int reset(int fd)
{
	const struct linger none = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	return close(fd);
}

static inline int transfer(const struct order *order)
{
	char bytes[4096] = {0};
	int left = order->count;

	while (left > 0) {
		const size_t part = left < (int)sizeof(bytes) ? (size_t)left : sizeof(bytes);
		ssize_t done = order->kind == SEND ? write(order->number, bytes, part)
						   : read(order->number, bytes, part);

		if (done <= 0)
			return done < 0 ? -errno : 0;
		left -= (int)done;
	}
	return order->count;
}

/* Writes as much as the kernel takes, and returns how much that is. */
static inline int fill(int fd)
{
	static const char bytes[4096];
	ssize_t written;
	int sum = 0;

	while ((written = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		sum += (int)written;
	return sum;
}

static inline void act(void);

/* The child has the two as its standard input and output, and the last of the others that it keeps. */
static inline int fork_actor(int input, int output, int kept)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid < 0 ? -errno : pid;
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(CHILD_CONTROL, CONTROL);
	dup2(GRANDCHILD_CONTROL, CHILD_CONTROL);
	close_range((unsigned)kept + 1, CHILD_CONTROL - 1, 0);
	close_range(CHILD_CONTROL + 1, ~0U, 0);
	act();
	_exit(0);
}

/* As ssh does it: one end of each of two pipes is the child's. */
static inline int fork_proxy(void)
{
	int in[2], out[2], answer;

	if (pipe(in) || pipe(out))
		return -errno;
	answer = fork_actor(in[0], out[1], CONTROL);
	close(in[0]);
	close(out[1]);
	return answer;
}

static inline int pipe_output(void)
{
	int ends[2];

	if (pipe(ends))
		return -errno;
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	return close(ends[0]);
}

static inline int obey(const struct order *order)
{
	int ends[2];

	switch (order->kind) {
	case LISTEN:
		return listen_at(order->address, order->port, false);
	case CONNECT:
		return connect_to(order->address, order->port);
	case CONNECT_FROM:
		return connect_from(bind_at(order->address, order->from_port, true), order->address,
				    order->port);
	case ACCEPT:
		return accept4(order->number, NULL, NULL, SOCK_CLOEXEC);
	case PORT:
		return port_of(order->number);
	case PIPE:
		return pipe(ends) ? -errno : ends[0];
	case PIPE_OUTPUT:
		return pipe_output();
	case UNIX:
		return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	case CLOSE:
		return close(order->number);
	case RESET:
		return reset(order->number);
	case SEND:
	case RECEIVE:
		return transfer(order);
	case FILL:
		return fill(order->number);
	case FORK:
		return fork_actor(STDIN_FILENO, STDOUT_FILENO, CONTROL);
	case FORK_LEAKY:
		return fork_actor(STDIN_FILENO, STDOUT_FILENO, CHILD_CONTROL - 2);
	case FORK_PROXY:
		return fork_proxy();
	}
	return -EINVAL;
}

static inline void act(void)
{
	struct order order;

	while (read(CONTROL, &order, sizeof(order)) == sizeof(order)) {
		int answer = obey(&order);

		if (write(CONTROL, &answer, sizeof(answer)) != sizeof(answer))
			return;
	}
}

static inline struct actor start(void)
{
	struct actor actor;
	int pairs[3][2];

	for (int i = 0; i < 3; i++)
		cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]), 0));
	actor = (struct actor){fork(), pairs[0][0], pairs[1][0], pairs[2][0]};
	cr_assert(ge(int, actor.pid, 0));
	if (actor.pid == 0) {
		int null = open("/dev/null", O_RDWR);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(pairs[1][1], CHILD_CONTROL);
		dup2(pairs[2][1], GRANDCHILD_CONTROL);
		dup2(pairs[0][1], CONTROL);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		close_range(CONTROL + 1, CHILD_CONTROL - 1, 0);
		close_range(GRANDCHILD_CONTROL + 1, ~0U, 0);
		act();
		_exit(0);
	}
	for (int i = 0; i < 3; i++)
		close(pairs[i][1]);
	return actor;
}

/* Its children end, too: nobody is left at the other end of their controls. */
static inline void finish(struct actor *actor)
{
	close(actor->self);
	close(actor->child);
	close(actor->grandchild);
	waitpid(actor->pid, NULL, 0);
}

static inline int give(int actor, struct order order)
{
	int answer = -EIO;

	cr_assert(eq(int, write(actor, &order, sizeof(order)) == sizeof(order), 1));
	cr_assert(eq(int, read(actor, &answer, sizeof(answer)) == sizeof(answer), 1));
	cr_assert(ge(int, answer, 0), "order %d: %s", (int)order.kind, strerror(-answer));
	return answer;
}

static inline int order(int actor, enum order_kind kind)
{
	return give(actor, (struct order){.kind = kind});
}

static inline int order_with(int actor, enum order_kind kind, int number)
{
	return give(actor, (struct order){.kind = kind, .number = number});
}

static inline int order_at(int actor, enum order_kind kind, const char *address, int port)
{
	struct order order = {.kind = kind, .port = port};

	snprintf(order.address, sizeof(order.address), "%s", address);
	return give(actor, order);
}

static inline int order_from(int actor, int from_port, int port)
{
	return give(actor, (struct order){.kind = CONNECT_FROM,
					  .address = "127.0.0.1",
					  .port = port,
					  .from_port = from_port});
}

static inline int order_bytes(int actor, enum order_kind kind, int number, int count)
{
	return give(actor, (struct order){.kind = kind, .number = number, .count = count});
}

#endif
