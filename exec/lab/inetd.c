#include "exec/lab/inetd.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that may wait to be accepted. */
#define BACKLOG 128

/* Returns a socket that listens on a port of all addresses of a family, or -errno. */
static int listen_on(int family, uint16_t port)
{
	struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	const struct sockaddr *any =
		family == AF_INET ? (const struct sockaddr *)&any4 : (const struct sockaddr *)&any6;
	socklen_t size = family == AF_INET ? sizeof(any4) : sizeof(any6);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error;
	const int on = 1;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (family == AF_INET ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0) &&
	    bind(fd, any, size) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int lab_inetd_listen(struct lab_inetd *inetd, uint16_t port, lab_serve *serve, const void *context,
		     struct lab_problem *problem)
{
	static const int families[] = {AF_INET, AF_INET6};

	for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		int fd = listen_on(families[f], port);
		struct lab_listener *listener;

		/* A kernel without IPv6 is fine, the lab's addresses are IPv4 then. */
		if (fd == -EAFNOSUPPORT && families[f] == AF_INET6)
			continue;
		if (fd < 0)
			return lab_problem_set(problem, fd, "cannot listen on port %u: %s",
					       (unsigned)port, strerror(-fd));
		listener = arena_push(inetd->arena, &inetd->listeners, &inetd->count,
				      sizeof(*inetd->listeners));
		*listener = (struct lab_listener){.fd = fd, .serve = serve, .context = context};
	}
	return 0;
}

static void serve_one(const struct lab_listener *listener)
{
	int connection = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);

	/* Whoever came has gone again. */
	if (connection < 0)
		return;
	if (fork() == 0) {
		signal(SIGCHLD, SIG_DFL);
		listener->serve(connection, listener->context);
		_exit(0);
	}
	close(connection);
}

_Noreturn void lab_inetd_run(const struct lab_inetd *inetd)
{
	struct pollfd *ready = arena_array(inetd->arena, inetd->count, sizeof(*ready));

	/* Children are nobody's to wait for. */
	signal(SIGCHLD, SIG_IGN);
	for (size_t l = 0; l < inetd->count; l++)
		ready[l] = (struct pollfd){.fd = inetd->listeners[l].fd, .events = POLLIN};
	for (;;) {
		if (poll(ready, inetd->count, -1) < 0)
			continue;
		for (size_t l = 0; l < inetd->count; l++)
			if (ready[l].revents & POLLIN)
				serve_one(&inetd->listeners[l]);
	}
}
