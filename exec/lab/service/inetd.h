/*
 * Inetd: the listeners of one host, with a process per connection.
 *
 * Sockets are bound before any server runs, so a host is ready at once, and an idle sshd costs
 * nothing. Each connection is served by a child, which may block.
 */
#ifndef TUNPLAN_EXEC_LAB_SERVICE_INETD_H
#define TUNPLAN_EXEC_LAB_SERVICE_INETD_H

#include <stddef.h>
#include <stdint.h>

#include "exec/lab/kernel/problem.h"
#include "exec/lab/network/listen.h"

/* Serves one connection in a process of its own; that ends when this returns. */
typedef void lab_serve(int connection, const void *context);

struct lab_listener {
	int fd;
	lab_serve *serve;
	const void *context; /* for serve; outlives the listener */
};

struct lab_inetd {
	struct arena *arena;            /* holds the listeners */
	struct lab_listener *listeners; /* one per address */
	size_t count;
};

/* Listens. Returns 0 or -errno. */
int lab_inetd_listen(struct lab_inetd *inetd, const struct lab_listen *listen, lab_serve *serve,
		     const void *context, struct lab_problem *problem);

/* Whether the first address of what listens on the caller's host accepts a connection. */
bool lab_listen_accepts(const struct lab_listen *listen);

/* Accepts until the process is killed. */
_Noreturn void lab_inetd_run(const struct lab_inetd *inetd);

#endif
