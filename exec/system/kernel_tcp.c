/* Kernel, on Linux: the TCP connection of an ssh. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/system/descriptors.h"
#include "exec/system/kernel.h"
#include "exec/system/sock_diag.h"
#include "topology/base/memory.h"

/* A TCP socket of the ssh, or of one of its children. */
struct own_socket {
	struct sock_diag_socket socket;
	const struct descriptor *held; /* whose, and where */
};

struct own_sockets {
	struct descriptors descriptors;
	struct own_socket *items;
	size_t count;
	size_t room;
};

static void take_own(void *data, const struct sock_diag_socket *socket)
{
	struct own_sockets *own = data;
	const struct descriptor *held = descriptors_find(&own->descriptors, socket->inode);

	if (!held)
		return;
	own->items = memory_reserve(own->items, &own->room, own->count + 1, sizeof(*own->items));
	own->items[own->count++] = (struct own_socket){*socket, held};
}

/* Whether a listener that is still there accepted the connection. */
static bool was_accepted(const struct own_sockets *own, const struct own_socket *connection)
{
	const struct kernel_end *here = &connection->socket.key.here;

	for (size_t i = 0; i < own->count; i++) {
		const struct own_socket *item = &own->items[i];
		const struct kernel_end *at = &item->socket.key.here;

		if (item->socket.state == SOCK_DIAG_LISTEN && at->port == here->port &&
		    sock_diag_fitness(at, item->socket.both, here) > 0)
			return true;
	}
	return false;
}

static bool comes_before(const struct descriptor *a, const struct descriptor *b)
{
	return a->process < b->process || (a->process == b->process && a->number < b->number);
}

/* Returns the connection to the sshd, or NULL: kernel_tcp_find() has the rule. */
static const struct own_socket *pick(const struct own_sockets *own)
{
	const bool proxied = descriptors_have_pipe_to_child(&own->descriptors);
	const struct own_socket *best = NULL;

	for (size_t i = 0; i < own->count; i++) {
		const struct own_socket *item = &own->items[i];

		if (item->socket.state != SOCK_DIAG_LISTEN &&
		    (item->held->process > 0) == proxied &&
		    (!best || comes_before(item->held, best->held)) && !was_accepted(own, item))
			best = item;
	}
	return best;
}

int kernel_tcp_find(pid_t pid, struct kernel_tcp_key *ret_key)
{
	struct own_sockets own = {.count = 0};
	const struct own_socket *found = NULL;
	int error = descriptors_init(pid, true, &own.descriptors);

	if (error < 0)
		return error;
	error = sock_diag_each(SOCK_DIAG_CONNECTED | SOCK_DIAG_LISTEN, take_own, &own);
	if (error == 0) {
		found = pick(&own);
		error = found ? 0 : -ENOENT;
	}
	if (found)
		*ret_key = found->socket.key;
	free(own.items);
	descriptors_finish(&own.descriptors);
	return error;
}

int kernel_tcp_count(pid_t pid, const struct kernel_tcp_key *but, size_t *ret_count)
{
	struct own_sockets own = {.count = 0};
	size_t count = 0;
	int error = descriptors_init(pid, false, &own.descriptors);

	if (error < 0)
		return error;
	error = sock_diag_each(SOCK_DIAG_ESTABLISHED, take_own, &own);
	for (size_t i = 0; i < own.count; i++)
		count += memcmp(own.items[i].socket.key.cookie, but->cookie, sizeof(but->cookie)) !=
			 0;
	free(own.items);
	descriptors_finish(&own.descriptors);
	if (error == 0)
		*ret_count = count;
	return error;
}

static void take_tcp(void *data, const struct sock_diag_socket *socket)
{
	*(struct sock_diag_socket *)data = *socket;
}

int kernel_tcp_ask(const struct kernel_tcp_key *key, struct kernel_tcp *ret_tcp)
{
	struct sock_diag_socket socket = {.has_tcp = false};
	int error = sock_diag_one(key, take_tcp, &socket);

	if (error == 0 && !socket.has_tcp)
		error = -ENOENT;
	if (error == 0)
		*ret_tcp = socket.tcp;
	return error;
}
