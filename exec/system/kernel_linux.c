/* Kernel, on Linux: peers, processes and clocks. kernel_tcp.c and kernel_listeners.c have what is asked about TCP. */
#include "exec/system/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "exec/system/descriptors.h"

/* --- who is at the other end of a connected unix socket */

static int read_peer(int socket, struct ucred *ret_peer)
{
	socklen_t size = sizeof(*ret_peer);

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, ret_peer, &size) ? -errno : 0;
}

int kernel_peer_user(int socket, uid_t *ret_user)
{
	struct ucred peer;
	int error = read_peer(socket, &peer);

	if (error < 0)
		return error;
	*ret_user = peer.uid;
	return 0;
}

int kernel_peer_pid(int socket, pid_t *ret_pid)
{
	struct ucred peer;
	int error = read_peer(socket, &peer);

	if (error < 0)
		return error;
	if (peer.pid <= 0)
		return -ESRCH;
	*ret_pid = peer.pid;
	return 0;
}

/* --- processes */

int kernel_process_open(pid_t pid)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0);

	if (process >= 0)
		return process;
	/* It needs no right that one could lack: what refuses it is a container's filter of system calls. */
	return errno == EPERM ? -ENOSYS : -errno;
}

int kernel_process_signal(int process, int signal)
{
	return syscall(SYS_pidfd_send_signal, process, signal, NULL, 0) ? -errno : 0;
}

/* Returns the number of bytes, which end with NUL, or -errno. */
static ssize_t read_stat(pid_t pid, char *text, size_t size)
{
	char path[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	length = read(fd, text, size - 1);
	if (length < 0)
		length = -errno; /* -ESRCH: it ended just now */
	else
		text[length] = '\0';
	close(fd);
	return length;
}

int kernel_process_talks(pid_t pid)
{
	struct descriptors descriptors;
	const int error = descriptors_init(pid, true, &descriptors);
	bool talks;

	if (error)
		return error;
	talks = descriptors.count > 0;
	descriptors_finish(&descriptors);
	return talks;
}

int kernel_process_read(pid_t pid, struct kernel_process *ret_process)
{
	struct kernel_process process = {.state = 0};
	char text[1024], *name, *end;
	ssize_t length = read_stat(pid, text, sizeof(text));

	if (length < 0)
		return (int)length;
	/* The name in parentheses can hold any bytes, parentheses among them: what follows does not. */
	name = memchr(text, '(', (size_t)length);
	end = memrchr(text, ')', (size_t)length);
	if (!name || !end)
		return -EPROTO;
	*end = '\0';
	snprintf(process.name, sizeof(process.name), "%s", name + 1);
	/* The state is field 3, the start 22. */
	if (sscanf(end + 1,
		   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%" SCNu64,
		   &process.state, &process.start_ticks) != 2)
		return -EPROTO;
	*ret_process = process;
	return 0;
}

/* --- time */

int kernel_boot_id(char id[KERNEL_BOOT_ID_SIZE])
{
	const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, id, KERNEL_BOOT_ID_SIZE - 1);
	close(fd);
	/* Whatever is mounted there instead is no id. */
	if (length != KERNEL_BOOT_ID_SIZE - 1)
		return -EPROTO;
	id[length] = '\0';
	return id[strspn(id, "0123456789abcdef-")] ? -EPROTO : 0;
}

static uint64_t read_clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int kernel_slept_ms(uint64_t *ret_ms)
{
	/* In this order: it is never less than nothing. */
	const uint64_t awake_ms = read_clock_ms(CLOCK_MONOTONIC);

	*ret_ms = read_clock_ms(CLOCK_BOOTTIME) - awake_ms;
	return 0;
}

int kernel_timer_open(uint64_t every_ms)
{
	const struct timespec every = {.tv_sec = (time_t)(every_ms / 1000),
				       .tv_nsec = (long)(every_ms % 1000) * 1000000};
	const struct itimerspec times = {every, every};
	int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK), error;

	if (timer < 0)
		return -errno;
	if (timerfd_settime(timer, 0, &times, NULL) == 0)
		return timer;
	error = -errno;
	close(timer);
	return error;
}

void kernel_timer_read(int timer)
{
	uint64_t times;

	(void)!read(timer, &times, sizeof(times));
}
