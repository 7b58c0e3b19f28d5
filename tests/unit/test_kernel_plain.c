/* The kernel of a system that tells nothing out of the ordinary: kernel_plain.c in the place of Linux's. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/system/kernel.h"

Test(kernel_plain, says_of_each_thing_that_it_cannot_be_asked)
{
	struct kernel_process process;
	struct kernel_tcp_key key = {.interface = 0};
	struct kernel_tcp tcp;
	struct kernel_listeners listeners = {.count = 0};
	struct kernel_network network = {.asking = -1};
	struct kernel_route route;
	uint64_t slept_ms;
	size_t count;
	int pair[2];
	pid_t pid;

	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0));
	cr_expect(eq(int, kernel_peer_pid(pair[0], &pid), -ENOSYS));
	cr_expect(eq(int, kernel_process_open(getpid()), -ENOSYS));
	cr_expect(eq(int, kernel_process_signal(0, 0), -ENOSYS));
	cr_expect(eq(int, kernel_process_read(getpid(), &process), -ENOSYS));
	cr_expect(eq(int, kernel_tcp_find(getpid(), &key), -ENOSYS));
	cr_expect(eq(int, kernel_process_talks(getpid()), -ENOSYS));
	cr_expect(eq(int, kernel_tcp_ask(&key, &tcp), -ENOSYS));
	cr_expect(eq(int, kernel_tcp_count(getpid(), &key, &count), -ENOSYS));
	cr_expect(eq(int, kernel_listeners_init(&listeners), -ENOSYS));
	cr_expect(eq(int, kernel_listeners_own(&listeners, getpid()), -ENOSYS));
	cr_expect(eq(ptr, (void *)kernel_listeners_at(&listeners, "127.0.0.1", 1), NULL));
	cr_expect(eq(int, kernel_network_init(&network), -ENOSYS));
	cr_expect(eq(int, kernel_network_route(&network, &key.there, NULL, 0, &route), -ENOSYS));
	cr_expect(eq(int, kernel_network_watch(), -ENOSYS));
	cr_expect(not(kernel_network_heard(-1)));
	cr_expect(eq(int, kernel_slept_ms(&slept_ms), -ENOSYS));
	cr_expect(eq(int, kernel_timer_open(1), -ENOSYS));
	kernel_listeners_finish(&listeners);
	kernel_network_finish(&network);
}

Test(kernel_plain, still_says_who_connects)
{
	uid_t user = (uid_t)-1;
	int pair[2];

	cr_assert(eq(int, socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0));
	cr_expect(eq(int, kernel_peer_user(pair[0], &user), 0));
	cr_expect(eq(int, (int)user, (int)getuid()));
	close(pair[0]);
	cr_expect(lt(int, kernel_peer_user(pair[0], &user), 0));
}
