#include "exec/lab/kernel/report.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int lab_report_open(int ret_ends[2])
{
	const int on = 1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_ends) < 0)
		return -errno;
	/* From now on each message tells its sender. */
	if (setsockopt(ret_ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0) {
		int error = -errno;

		close(ret_ends[0]);
		close(ret_ends[1]);
		return error;
	}
	return 0;
}

void lab_report_send(int far, const struct lab_report *report)
{
	ssize_t sent;

	do {
		sent = send(far, report, sizeof(*report), MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
}

static pid_t sender(struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part;
	     part = CMSG_NXTHDR(message, part)) {
		struct ucred credentials;

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&credentials, CMSG_DATA(part), sizeof(credentials));
		return credentials.pid;
	}
	return 0;
}

int lab_report_receive(int near, int timeout_ms, const sigset_t *mask,
		       struct lab_report *ret_report, pid_t *ret_pid)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct lab_report report;
	struct iovec part = {.iov_base = &report, .iov_len = sizeof(report)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct pollfd ready = {.fd = near, .events = POLLIN};
	ssize_t size;
	struct timespec timeout = {.tv_sec = timeout_ms / 1000,
				   .tv_nsec = timeout_ms % 1000 * 1000000L};
	int count = ppoll(&ready, 1, &timeout, mask);

	if (count <= 0)
		return count < 0 ? -errno : -ETIMEDOUT;
	size = recvmsg(near, &message, MSG_CMSG_CLOEXEC);
	if (size < 0)
		return -errno;
	if (size == 0)
		return 0;
	if (size != (ssize_t)sizeof(report))
		return -EPROTO;
	*ret_report = report;
	*ret_pid = sender(&message);
	return 1;
}
