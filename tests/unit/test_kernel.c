/* The kernel, asked about real processes and sockets, and time. Of TCP there are tests of their own. */
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "exec/system/netlink.h"
#include "tests/unit/actors.h"

TestSuite(kernel, .init = ordinary_begin, .timeout = 60);

/* --- peers */

Test(kernel, tells_both_ends_of_a_unix_socket_who_the_other_is)
{
	union socket_address address = {.un = {.sun_family = AF_UNIX}};
	socklen_t size = sizeof(address.un);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), connection, status;
	pid_t pid = 0, parent = getpid();
	uid_t user = (uid_t)-1;

	/* A name of the kernel's choice. */
	cr_assert(eq(int, bind(listener, &address.any, sizeof(sa_family_t)), 0));
	cr_assert(eq(int, listen(listener, 1), 0));
	cr_assert(eq(int, getsockname(listener, &address.any, &size), 0));
	pid = fork();
	if (pid == 0) {
		pid_t server = 0;

		connection = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(connection, &address.any, size) || kernel_peer_pid(connection, &server))
			_exit(2);
		/* Until the other end has looked. */
		if (read(connection, &status, 1) != 1)
			_exit(3);
		_exit(server != parent);
	}
	connection = accept(listener, NULL, NULL);
	parent = 0;
	cr_expect(eq(int, kernel_peer_pid(connection, &parent), 0));
	cr_expect(eq(int, parent, pid));
	cr_expect(eq(int, kernel_peer_user(connection, &user), 0));
	cr_expect(eq(int, (int)user, (int)getuid()));
	cr_expect(eq(int, write(connection, "", 1) == 1, 1));
	waitpid(pid, &status, 0);
	cr_expect(eq(int, status, 0));
	close(connection);
	cr_expect(eq(int, kernel_peer_pid(connection, &parent), -EBADF));
	cr_expect(eq(int, kernel_peer_user(connection, &user), -EBADF));
}

/* --- processes */

Test(kernel, holds_a_process_by_a_descriptor_that_tells_its_end)
{
	struct pollfd end = {.events = POLLIN};
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	end.fd = kernel_process_open(pid);
	cr_assert(ge(int, end.fd, 0));
	cr_expect(ne(int, fcntl(end.fd, F_GETFD) & FD_CLOEXEC, 0));
	cr_expect(eq(int, kernel_process_signal(end.fd, 0), 0));
	cr_expect(eq(int, poll(&end, 1, 0), 0));
	cr_expect(eq(int, kernel_process_signal(end.fd, SIGKILL), 0));
	cr_expect(eq(int, poll(&end, 1, 30000), 1));
	waitpid(pid, NULL, 0);
	cr_expect(eq(int, kernel_process_signal(end.fd, 0), -ESRCH));
	cr_expect(eq(int, kernel_process_open(pid), -ESRCH));
	close(end.fd);
}

Test(kernel, reads_a_process_whatever_it_calls_itself)
{
	struct kernel_process self, process = {0}, again = {0};
	struct timespec now;
	siginfo_t info;
	pid_t pid;

	cr_expect(eq(int, kernel_process_read(getpid(), &self), 0));
	cr_expect(eq(chr, self.state, 'R'));
	pid = fork();
	if (pid == 0) {
		/* As if it were sleeping, and had been started long ago. */
		prctl(PR_SET_NAME, ") S 1 (2) 3\n)");
		raise(SIGSTOP);
		pause();
		_exit(0);
	}
	waitpid(pid, NULL, WUNTRACED);
	cr_expect(eq(int, kernel_process_read(pid, &process), 0));
	cr_expect(eq(chr, process.state, 'T'));
	cr_expect(eq(str, process.name, ") S 1 (2) 3\n)"));
	clock_gettime(CLOCK_BOOTTIME, &now);
	cr_expect(ge(u64, process.start_ticks, self.start_ticks));
	cr_expect(le(u64, process.start_ticks,
		     (uint64_t)(now.tv_sec + 1) * (uint64_t)sysconf(_SC_CLK_TCK)));
	kill(pid, SIGCONT);
	waitpid(pid, NULL, WCONTINUED);
	cr_expect(eq(int, kernel_process_read(pid, &again), 0));
	cr_expect(ne(chr, again.state, 'T'));
	cr_expect(eq(u64, again.start_ticks, process.start_ticks));
	kill(pid, SIGKILL);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	cr_expect(eq(int, kernel_process_read(pid, &again), 0));
	cr_expect(eq(chr, again.state, 'Z'));
	waitpid(pid, NULL, 0);
	cr_expect(eq(int, kernel_process_read(pid, &again), -ESRCH));
	cr_expect(eq(u64, again.start_ticks, process.start_ticks));
}

/* --- netlink, time */

Test(kernel, hears_of_a_dump_that_failed)
{
	struct netlink netlink;
	struct netlink_request request;
	struct inet_diag_req_v2 *wanted;

	cr_assert(eq(int, netlink_init(&netlink, NETLINK_SOCK_DIAG, 0), 0));
	wanted = netlink_request(&request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof(*wanted));
	wanted->sdiag_family = AF_INET;
	wanted->sdiag_protocol = 253; /* for experiments: RFC 3692 */
	cr_expect(eq(int, netlink_ask(&netlink, &request, NULL, NULL), -ENOENT));
	netlink_finish(&netlink);
}

/* In a time namespace where the machine was suspended for eight hours: ends with status 0 if that is seen. */
static void sleep_eight_hours(uint64_t before_ms)
{
	static const char offset[] = "boottime 28800 0";
	int fd = open("/proc/self/timens_offsets", O_WRONLY);
	uint64_t slept_ms = 0;
	pid_t pid;
	int status;

	if (write(fd, offset, sizeof(offset) - 1) != sizeof(offset) - 1)
		_exit(2);
	pid = fork();
	if (pid == 0)
		/* To within what lies between two readings of two clocks. */
		_exit(kernel_slept_ms(&slept_ms) || slept_ms + 1000 < before_ms + 28800000 ||
		      slept_ms > before_ms + 28800000 + 1000);
	waitpid(pid, &status, 0);
	_exit(status != 0);
}

Test(kernel, tells_how_long_the_machine_slept)
{
	uint64_t slept_ms = UINT64_MAX;
	pid_t pid;
	int status;

	cr_assert(eq(int, kernel_slept_ms(&slept_ms), 0));
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWTIME))
			_exit(77);
		sleep_eight_hours(slept_ms);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		cr_skip_test("there are no time namespaces, or not for this user");
	cr_expect(eq(int, status, 0));
}
