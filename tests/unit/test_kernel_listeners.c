/* Who listens at an address. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "tests/unit/actors.h"

TestSuite(kernel_listeners, .init = ordinary_begin, .timeout = 60);

Test(kernel_listeners, names_the_owner_of_a_thousand_listeners_at_once)
{
	enum { COUNT = 1000 };
	static int ports[COUNT];
	struct actor ssh = start();
	struct kernel_listeners listeners;
	int ours = listen_at("127.0.0.1", 0, false), wrong = 0;
	int bound = bind_at("127.0.0.1", 0, false);
	const struct kernel_listener *found;

	for (int i = 0; i < COUNT; i++)
		ports[i] = order_with(ssh.self, PORT, order_at(ssh.self, LISTEN, "127.0.0.1", 0));
	cr_assert(eq(int, kernel_listeners_init(&listeners), 0));
	cr_assert(eq(int, kernel_listeners_own(&listeners, ssh.pid), 0));
	for (int i = 0; i < COUNT; i++) {
		found = kernel_listeners_at(&listeners, "127.0.0.1", (uint16_t)ports[i]);
		wrong += !found || found->owner != ssh.pid || found->user != getuid();
	}
	cr_expect(eq(int, wrong, 0));
	/* Ours, whom nobody named; and where nobody listens. */
	found = kernel_listeners_at(&listeners, "127.0.0.1", (uint16_t)port_of(ours));
	cr_assert(ne(ptr, (void *)found, NULL));
	cr_expect(eq(int, found->owner, 0));
	cr_expect(eq(int, kernel_listener_find_owner(found), getpid()));
	cr_expect(eq(ptr,
		     (void *)kernel_listeners_at(&listeners, "127.0.0.1", (uint16_t)port_of(bound)),
		     NULL));
	cr_expect(
		eq(ptr, (void *)kernel_listeners_at(&listeners, "::1", (uint16_t)ports[0]), NULL));
	cr_expect(eq(ptr, (void *)kernel_listeners_at(&listeners, "localhost", (uint16_t)ports[0]),
		     NULL));
	kernel_listeners_finish(&listeners);
	finish(&ssh);
}

Test(kernel_listeners, knows_who_gets_the_connections_to_an_address)
{
	/* What listens at one port, and whom a connection reaches there; each other one is nobody's. */
	static const struct {
		const char *at[2];
		bool v6only;
		const char *to;
		int reaches; /* which of the two; -1: none */
	} cases[] = {
		{{"127.0.0.1"}, false, "127.0.0.1", 0},
		{{"127.0.0.1"}, false, "127.0.0.2", -1},
		{{"127.0.0.1"}, false, "0.0.0.0", -1},
		{{"0.0.0.0"}, false, "127.0.0.1", 0},
		{{"0.0.0.0"}, false, "::1", -1},
		{{"0.0.0.0", "127.0.0.1"}, false, "127.0.0.1", 1},
		{{"0.0.0.0", "127.0.0.1"}, false, "127.0.0.2", 0},
		{{"::1"}, false, "::1", 0},
		{{"::1"}, false, "127.0.0.1", -1},
		{{"::"}, false, "::1", 0},
		{{"::"}, false, "127.0.0.1", 0},
		{{"::"}, true, "127.0.0.1", -1},
		{{"::", "0.0.0.0"}, false, "127.0.0.1", 1},
		{{"::ffff:127.0.0.1"}, false, "127.0.0.1", 0},
	};
	int port = 20000 + getpid() % 10000;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fds[2] = {-EADDRINUSE, -1}, reached = -1;
		struct kernel_listeners listeners;
		const struct kernel_listener *found;

		/* What the kernel chooses, it chooses for others, too, at another address. */
		while (fds[0] == -EADDRINUSE)
			fds[0] = listen_at(cases[i].at[0], ++port, cases[i].v6only);
		if (cases[i].at[1])
			fds[1] = listen_at(cases[i].at[1], port, cases[i].v6only);
		for (int j = 0; j < 2 && cases[i].at[j]; j++)
			cr_assert(ge(int, fds[j], 0), "case %zu: %s", i, strerror(-fds[j]));
		cr_assert(eq(int, kernel_listeners_init(&listeners), 0));
		found = kernel_listeners_at(&listeners, cases[i].to, (uint16_t)port);
		for (int j = 0; found && j < 2 && cases[i].at[j]; j++) {
			struct kernel_end end = {.port = (uint16_t)port};
			const char *bare = strncmp(cases[i].at[j], "::ffff:", 7) == 0
						   ? cases[i].at[j] + 7
						   : cases[i].at[j];

			end.family = strchr(bare, ':') ? AF_INET6 : AF_INET;
			inet_pton(end.family, bare, end.address);
			if (memcmp(&end, &found->at, sizeof(end)) == 0)
				reached = j;
		}
		cr_expect(eq(int, reached, cases[i].reaches), "case %zu", i);
		cr_expect(eq(int, found != NULL, cases[i].reaches >= 0), "case %zu", i);
		kernel_listeners_finish(&listeners);
		for (int j = 0; j < 2 && cases[i].at[j]; j++)
			close(fds[j]);
	}
}

Test(kernel_listeners, knows_nothing_of_a_process_in_another_network)
{
	struct kernel_listeners listeners;
	char ready = 0;
	int ends[2];
	pid_t pid;

	cr_assert(eq(int, pipe(ends), 0));
	pid = fork();
	if (pid == 0) {
		ready = unshare(CLONE_NEWUSER | CLONE_NEWNET) ? 'n' : 'y';
		_exit(write(ends[1], &ready, 1) == 1 && pause());
	}
	cr_assert(eq(long, read(ends[0], &ready, 1), 1));
	cr_assert(eq(int, kernel_listeners_init(&listeners), 0));
	if (ready == 'y')
		cr_expect(eq(int, kernel_listeners_own(&listeners, pid), -ENOENT));
	kernel_listeners_finish(&listeners);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (ready != 'y')
		cr_skip_test("no network of its own can be made here");
}
