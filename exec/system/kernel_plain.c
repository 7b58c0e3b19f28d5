/* Kernel, where it tells and does nothing out of the ordinary: other systems, and Linux with KERNEL=plain. */
#include "exec/system/kernel.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int kernel_peer_user(int socket, uid_t *ret_user)
{
#ifdef __linux__ /* Who may connect is no matter of comfort, so the tests look here, too. */
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		return -errno;
	*ret_user = peer.uid;
	return 0;
#else
	gid_t group;

	return getpeereid(socket, ret_user, &group) ? -errno : 0;
#endif
}

int kernel_peer_pid(int socket, pid_t *ret_pid)
{
#ifdef LOCAL_PEERPID /* macOS */
	socklen_t size = sizeof(*ret_pid);

	return getsockopt(socket, SOL_LOCAL, LOCAL_PEERPID, ret_pid, &size) ? -errno : 0;
#else
	(void)socket;
	(void)ret_pid;
	return -ENOSYS;
#endif
}

int kernel_process_open(pid_t pid)
{
	(void)pid;
	return -ENOSYS;
}

int kernel_process_signal(int process, int signal)
{
	(void)process;
	(void)signal;
	return -ENOSYS;
}

int kernel_process_read(pid_t pid, struct kernel_process *ret_process)
{
	(void)pid;
	(void)ret_process;
	return -ENOSYS;
}

int kernel_tcp_find(pid_t pid, struct kernel_tcp_key *ret_key)
{
	(void)pid;
	(void)ret_key;
	return -ENOSYS;
}

int kernel_process_talks(pid_t pid)
{
	(void)pid;
	return -ENOSYS;
}

int kernel_tcp_ask(const struct kernel_tcp_key *key, struct kernel_tcp *ret_tcp)
{
	(void)key;
	(void)ret_tcp;
	return -ENOSYS;
}

int kernel_tcp_count(pid_t pid, const struct kernel_tcp_key *but, size_t *ret_count)
{
	(void)pid;
	(void)but;
	(void)ret_count;
	return -ENOSYS;
}

int kernel_listeners_init(struct kernel_listeners *listeners)
{
	(void)listeners;
	return -ENOSYS;
}

void kernel_listeners_finish(struct kernel_listeners *listeners)
{
	(void)listeners;
}

int kernel_listeners_own(struct kernel_listeners *listeners, pid_t pid)
{
	(void)listeners;
	(void)pid;
	return -ENOSYS;
}

const struct kernel_listener *kernel_listeners_at(const struct kernel_listeners *listeners,
						  const char *address, uint16_t port)
{
	(void)listeners;
	(void)address;
	(void)port;
	return NULL;
}

pid_t kernel_listener_find_owner(const struct kernel_listener *listener)
{
	(void)listener;
	return 0;
}

int kernel_network_init(struct kernel_network *network)
{
	(void)network;
	return -ENOSYS;
}

void kernel_network_finish(struct kernel_network *network)
{
	(void)network;
}

int kernel_network_route(struct kernel_network *network, const struct kernel_end *there,
			 const struct kernel_end *here, uint32_t interface,
			 struct kernel_route *ret_route)
{
	(void)network;
	(void)there;
	(void)here;
	(void)interface;
	(void)ret_route;
	return -ENOSYS;
}

int kernel_network_watch(void)
{
	return -ENOSYS;
}

bool kernel_network_heard(int watch)
{
	(void)watch;
	return false;
}

int kernel_boot_id(char id[KERNEL_BOOT_ID_SIZE])
{
	(void)id;
	return -ENOSYS;
}

int kernel_slept_ms(uint64_t *ret_ms)
{
	(void)ret_ms;
	return -ENOSYS;
}

int kernel_timer_open(uint64_t every_ms)
{
	(void)every_ms;
	return -ENOSYS;
}

void kernel_timer_read(int timer)
{
	(void)timer;
}
