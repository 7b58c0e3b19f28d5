/*
 * Kernel: what the product is told of processes and connections, and what it does to them: kernel.h and
 * process.h, and kill() and poll(), over the simulated ssh.
 */
#include "exec/system/kernel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/system/process.h"
#include "tests/sim/disk.h"
#include "tests/sim/errand.h"
#include "tests/sim/loop.h"
#include "tests/sim/queue.h"
#include "tests/sim/rules.h"
#include "tests/sim/sockets.h"
#include "tests/sim/ssh.h"
#include "tests/sim/trace.h"
#include "tests/sim/wire.h"
#include "topology/base/memory.h"

/* More than the descriptors that a run has open. */
#define OPEN_MAX_SIM 1024

static pid_t opened[OPEN_MAX_SIM]; /* by descriptor: of which process it is */

int kernel_peer_user(int socket, uid_t *ret_user)
{
	(void)socket;
	*ret_user = getuid();
	return 0;
}

int kernel_process_open(pid_t pid)
{
	int fd;

	seam();
	if (!ssh_of_pid(pid))
		return -ESRCH;
	fd = loop_grant();
	if (fd < OPEN_MAX_SIM)
		opened[fd] = pid;
	return fd;
}

static int send_signal(struct ssh *ssh, int signal)
{
	if (!ssh)
		return -ESRCH;
	/* One whose socket went before anybody who lives had connected cannot be asked for anything. */
	if (signal == SIGKILL && ssh_is_well(ssh) &&
	    (disk_has(ssh->socket) || sockets_are_held(ssh)))
		rules_break("murder", "the ssh of %s is killed, and was well", ssh->host->name);
	if (signal) {
		rules_ends(ssh->pid);
		ssh_signal(ssh, signal);
	}
	return 0;
}

pid_t kernel_opened(int fd)
{
	return fd >= 0 && fd < OPEN_MAX_SIM ? opened[fd] : 0;
}

int kernel_process_signal(int process, int signal)
{
	seam();
	return send_signal(process < OPEN_MAX_SIM ? ssh_of_pid(opened[process]) : NULL, signal);
}

int kernel_process_read(pid_t pid, struct kernel_process *ret_process)
{
	const struct ssh *ssh = ssh_of_pid(pid);

	if (!ssh)
		return -ESRCH;
	*ret_process = (struct kernel_process){
		.state = ssh->stopped ? 'T' : 'S', .name = "ssh", .start_ticks = (uint64_t)pid};
	return 0;
}

int kernel_tcp_ask(const struct kernel_tcp_key *key, struct kernel_tcp *ret_tcp)
{
	const struct ssh *ssh = ssh_of_pid((pid_t)key->cookie[0]);

	if (!ssh)
		return -ENOENT;
	*ret_tcp = (struct kernel_tcp){
		.acked_bytes = 1000 + ssh_bytes(ssh),
		.received_bytes = 1000 + ssh_bytes(ssh),
		.silent_ms = (uint32_t)(queue_now() - ssh_heard_ms(ssh)),
	};
	return 0;
}

int kernel_tcp_count(pid_t pid, const struct kernel_tcp_key *but, size_t *ret_count)
{
	const struct ssh *ssh = ssh_of_pid(pid);

	(void)but;
	if (!ssh)
		return -ESRCH;
	*ret_count = errand_has_visitors(ssh);
	return 0;
}

/* --- who listens; the inode of a listener is the pid of its ssh */

/* Of another program. */
#define FOREIGN_PID 4242

int kernel_listeners_init(struct kernel_listeners *listeners)
{
	struct kernel_listeners all = {.count = 0};
	const struct listener *listener;

	seam();
	for (unsigned i = 0; (listener = world_listener_at(i)); i++) {
		struct kernel_listener item = {.at.family = AF_INET, .user = getuid()};
		char address[INET_ADDRSTRLEN] = "";
		unsigned port = 0;

		/* A path has no port. */
		if (listener->host || sscanf(listener->place, "%15[0-9.]:%u", address, &port) != 2)
			continue;
		inet_pton(AF_INET, address, item.at.address);
		item.at.port = (uint16_t)port;
		item.inode = listener->owner ? (uint32_t)listener->owner->pid : FOREIGN_PID;
		all.items = memory_reserve(all.items, &all.room, all.count + 1, sizeof(item));
		all.items[all.count++] = item;
	}
	*listeners = all;
	return 0;
}

void kernel_listeners_finish(struct kernel_listeners *listeners)
{
	free(listeners->items);
}

int kernel_listeners_own(struct kernel_listeners *listeners, pid_t pid)
{
	if (!ssh_of_pid(pid))
		return -ESRCH;
	for (size_t i = 0; i < listeners->count; i++)
		if ((pid_t)listeners->items[i].inode == pid)
			listeners->items[i].owner = pid;
	return 0;
}

const struct kernel_listener *kernel_listeners_at(const struct kernel_listeners *listeners,
						  const char *address, uint16_t port)
{
	unsigned char bytes[sizeof(struct in_addr)];

	for (size_t i = 0; i < listeners->count && inet_pton(AF_INET, address, bytes) == 1; i++) {
		const struct kernel_listener *item = &listeners->items[i];

		if (item->at.port == port && memcmp(item->at.address, bytes, sizeof(bytes)) == 0)
			return item;
	}
	return NULL;
}

pid_t kernel_listener_find_owner(const struct kernel_listener *listener)
{
	return (pid_t)listener->inode;
}

/* The machine never sleeps. */
int kernel_boot_id(char id[KERNEL_BOOT_ID_SIZE])
{
	(void)id;
	return -ENOSYS;
}

int kernel_slept_ms(uint64_t *ret_ms)
{
	*ret_ms = 0;
	return 0;
}

/* --- process.h ------------------------------------------------------------------------------- */

/* Returns the ssh whose command line has this word: where its control socket is. */
static struct ssh *ssh_with(const char *word)
{
	struct ssh *ssh;

	for (unsigned i = 0; (ssh = ssh_at(i)); i++) {
		struct strbuf control = {0};
		bool same;

		if (ssh->session)
			strbuf_puts(&control, ssh->socket);
		else
			ssh_argv_control(ssh->socket, &control);
		same = strcmp(strbuf_text(&control), word) == 0;
		strbuf_finish(&control);
		if (same && ssh->state != SSH_ENDED)
			return ssh;
	}
	return NULL;
}

pid_t process_find(const char *word)
{
	const struct ssh *ssh = ssh_with(word);

	return ssh ? ssh->pid : 0;
}

bool process_has_argument(pid_t pid, const char *word)
{
	const struct ssh *ssh = ssh_with(word);

	return ssh && ssh->pid == pid;
}

char **process_master_env(const char *const *env)
{
	return memory_copy_strings(env);
}

/* It has what every client has: no environment matters here. */
char **process_environment(pid_t pid)
{
	(void)pid;
	return NULL;
}

pid_t getpgid(pid_t pid)
{
	return pid;
}

pid_t getpgrp(void)
{
	return getpid();
}

int process_detach(int first_closed)
{
	(void)first_closed;
	return 0;
}

bool process_can_run(const char *path)
{
	(void)path;
	return true;
}

bool process_can_read(const char *path)
{
	(void)path;
	return true;
}

/* --- libc ------------------------------------------------------------------------------------ */

pid_t getpid(void)
{
	return 1;
}

/* pid: also of a group, which is that of its leader. */
int kill(pid_t pid, int signal)
{
	int error;

	seam();
	error = send_signal(ssh_of_pid(pid < 0 ? -pid : pid), signal);
	if (!error)
		return 0;
	errno = -error;
	return -1;
}

/* Waits for a client that comes, or for the end of a process: who was told to end, ends before the wait is over. */
int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	/* gcc takes poll()'s argument for one that is only written. */
	const struct pollfd *volatile given = fds;
	const struct pollfd first = count ? *given : (struct pollfd){.fd = -1};
	struct ssh *ssh;

	if (first.fd == wire_listener_fd())
		return wire_is_waiting();
	ssh = first.fd >= 0 && first.fd < OPEN_MAX_SIM ? ssh_of_pid(opened[first.fd]) : NULL;
	if (!ssh)
		return first.fd >= 0;
	if (ssh->stopped || !timeout_ms)
		return 0;
	ssh_end_now(ssh);
	return 1;
}
