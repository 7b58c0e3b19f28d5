#include "exec/lab/service/relay.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/lab/network/published.h"

/* What a process that carries a connection needs. */
struct carrier {
	const struct lab_listen *target;
	const pid_t *pid; /* a process in the namespaces of the host that it leads to */
};

/* One direction of a connection. */
struct flow {
	int from;
	int to;
	bool ended;
};

/* Returns a connection to the first address that takes one, or -1. What listens on all is on each. */
static int target_connect(const struct lab_listen *target)
{
	struct lab_socket_address address;

	for (size_t a = 0; lab_socket_address(target, a, &address); a++) {
		int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, &address.any, address.size) == 0)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

/* Carries what has come. Returns false when nothing more can be carried at all. */
static bool flow_carry(struct flow *flow)
{
	char bytes[16384];
	ssize_t size = read(flow->from, bytes, sizeof(bytes));

	if (size < 0)
		return errno == EINTR;
	if (size == 0) {
		flow->ended = true;
		return shutdown(flow->to, SHUT_WR) == 0;
	}
	for (ssize_t sent = 0; sent < size;) {
		ssize_t part = send(flow->to, bytes + sent, (size_t)(size - sent), MSG_NOSIGNAL);

		if (part < 0 && errno != EINTR)
			return false;
		sent += part > 0 ? part : 0;
	}
	return true;
}

static void carry(int one, int other)
{
	struct flow flows[] = {{one, other, false}, {other, one, false}};

	while (!flows[0].ended || !flows[1].ended) {
		struct pollfd waits[] = {{.fd = flows[0].ended ? -1 : one, .events = POLLIN},
					 {.fd = flows[1].ended ? -1 : other, .events = POLLIN}};

		if (poll(waits, 2, -1) < 0 && errno != EINTR)
			return;
		for (size_t f = 0; f < 2; f++)
			if (waits[f].revents && !flow_carry(&flows[f]))
				return;
	}
}

static void serve(int connection, const void *context)
{
	const struct carrier *carrier = context;
	const struct linger reset = {.l_onoff = 1};
	int pidfd = pidfd_open(*carrier->pid, 0), target = -1;

	/* Its mounts, too: what it leads to may be a unix socket. */
	if (pidfd >= 0 && setns(pidfd, CLONE_NEWNET | CLONE_NEWNS) == 0)
		target = target_connect(carrier->target);
	if (target >= 0)
		carry(connection, target);
	else
		setsockopt(connection, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

int lab_relays_start(struct lab_host *host, const pid_t *pids)
{
	const struct lab_network *network = host->lab->network;
	int error = 0;

	for (size_t p = 0; p < network->published_count && error == 0; p++) {
		const struct lab_published *published = &network->published[p];
		struct carrier *carrier;

		if (&network->nodes[published->owner] != host->node)
			continue;
		carrier = arena_alloc(&host->arena, sizeof(*carrier));
		*carrier = (struct carrier){&published->target, &pids[published->host]};
		error = lab_inetd_listen(&host->inetd, &published->listen, serve, carrier,
					 &host->problem);
	}
	return error;
}
