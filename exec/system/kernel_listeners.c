/* Kernel, on Linux: who listens. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "exec/system/descriptors.h"
#include "exec/system/kernel.h"
#include "exec/system/sock_diag.h"
#include "topology/base/memory.h"

static void take_listener(void *data, const struct sock_diag_socket *socket)
{
	struct kernel_listeners *listeners = data;

	listeners->items = memory_reserve(listeners->items, &listeners->room, listeners->count + 1,
					  sizeof(*listeners->items));
	listeners->items[listeners->count++] = (struct kernel_listener){.at = socket->key.here,
									.both = socket->both,
									.user = socket->user,
									.inode = socket->inode};
}

static int compare_ports(const void *left, const void *right)
{
	const struct kernel_listener *a = left, *b = right;

	return (a->at.port > b->at.port) - (a->at.port < b->at.port);
}

int kernel_listeners_init(struct kernel_listeners *listeners)
{
	struct kernel_listeners all = {.count = 0};
	int error = sock_diag_each(SOCK_DIAG_LISTEN, take_listener, &all);

	if (error < 0) {
		free(all.items);
		return error;
	}
	if (all.count)
		qsort(all.items, all.count, sizeof(*all.items), compare_ports);
	*listeners = all;
	return 0;
}

void kernel_listeners_finish(struct kernel_listeners *listeners)
{
	free(listeners->items);
	*listeners = (struct kernel_listeners){.count = 0};
}

/* Whether the listeners of a process would be among these. Returns 0 or -errno: one that ends has no network. */
static int check_network(pid_t pid)
{
	char path[64];
	struct stat ours, theirs;

	snprintf(path, sizeof(path), "/proc/%ld/ns/net", (long)pid);
	if (stat("/proc/self/ns/net", &ours) || stat(path, &theirs))
		return -errno;
	return ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino ? 0 : -ENOENT;
}

int kernel_listeners_own(struct kernel_listeners *listeners, pid_t pid)
{
	struct descriptors descriptors;
	int error = descriptors_init(pid, false, &descriptors);

	if (error < 0)
		return error;
	error = check_network(pid);
	for (size_t i = 0; !error && i < listeners->count; i++) {
		struct kernel_listener *listener = &listeners->items[i];

		if (listener->owner == 0 && descriptors_find(&descriptors, listener->inode))
			listener->owner = pid;
	}
	descriptors_finish(&descriptors);
	return error;
}

const struct kernel_listener *kernel_listeners_at(const struct kernel_listeners *listeners,
						  const char *address, uint16_t port)
{
	struct kernel_end end = {.family = strchr(address, ':') ? AF_INET6 : AF_INET};
	const struct kernel_listener *best = NULL;
	size_t low = 0, high = listeners->count;
	int best_fitness = 0;

	if (inet_pton(end.family, address, end.address) != 1)
		return NULL;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (listeners->items[middle].at.port < port)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < listeners->count && listeners->items[low].at.port == port; low++) {
		const struct kernel_listener *item = &listeners->items[low];
		const int found = sock_diag_fitness(&item->at, item->both, &end);

		if (found > best_fitness) {
			best = item;
			best_fitness = found;
		}
	}
	return best;
}

pid_t kernel_listener_find_owner(const struct kernel_listener *listener)
{
	return descriptors_find_owner(listener->inode);
}
