#include "exec/lab/service/inetd.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Connections that may wait to be accepted. */
#define BACKLOG 128

/* A unix socket is a file, which only its owner may open unless it says otherwise. */
static bool may_connect(const struct lab_socket_address *address)
{
	return address->any.sa_family != AF_UNIX || chmod(address->path.sun_path, 0666) == 0;
}

/* Returns a socket that listens at an address, or -errno. */
static int listen_at(const struct lab_socket_address *address)
{
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;
	int error;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (address->any.sa_family != AF_INET6 ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0) &&
	    bind(fd, &address->any, address->size) == 0 && may_connect(address) &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int lab_inetd_listen(struct lab_inetd *inetd, const struct lab_listen *listen, lab_serve *serve,
		     const void *context, struct lab_problem *problem)
{
	struct lab_socket_address address;

	for (size_t a = 0; lab_socket_address(listen, a, &address); a++) {
		int fd = listen_at(&address);
		struct lab_listener *listener;

		/* A kernel without IPv6 is fine, the lab's addresses are IPv4 then. */
		if (fd == -EAFNOSUPPORT && address.any.sa_family == AF_INET6)
			continue;
		if (fd < 0)
			return lab_problem_set(problem, fd, "cannot listen on %s: %s",
					       lab_listen_text(listen, inetd->arena),
					       strerror(-fd));
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

/* A client dials loopback where a server listens on all addresses. */
static void name_loopback(struct lab_socket_address *address)
{
	if (address->any.sa_family == AF_INET && address->v4.sin_addr.s_addr == INADDR_ANY)
		address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

bool lab_listen_accepts(const struct lab_listen *listen)
{
	struct lab_socket_address address;
	bool accepted;
	int fd;

	if (!lab_socket_address(listen, 0, &address))
		return false;
	name_loopback(&address);
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	accepted = connect(fd, &address.any, address.size) == 0;
	close(fd);
	return accepted;
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
