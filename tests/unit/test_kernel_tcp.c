/* The TCP connection of an ssh, and how it fares. */
#include <stdlib.h>
#include <time.h>

#include "tests/unit/actors.h"

TestSuite(kernel_tcp, .init = ordinary_begin, .timeout = 60);

static void expect_end(const struct kernel_end *end, const char *address, int port)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(end->family, end->address, text, sizeof(text));
	cr_expect(eq(str, text, (char *)address));
	cr_expect(eq(int, end->port, port));
}

/* An sshd that an actor connects to. */
struct server {
	int listener;
	int port;
};

static struct server serve(const char *address)
{
	struct server server = {.listener = listen_at(address, 0, true)};

	cr_assert(ge(int, server.listener, 0));
	server.port = port_of(server.listener);
	return server;
}

/* The port of the far end of the connection that is found, or -errno. */
static int found_port(const struct actor *actor)
{
	struct kernel_tcp_key key;
	int error = kernel_tcp_find(actor->pid, &key);

	return error < 0 ? error : key.there.port;
}

/* --- the connection of an ssh */

Test(kernel_tcp, finds_the_connection_of_a_process_and_its_ends)
{
	static const char *const addresses[] = {"127.0.0.1", "::1"};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct server server = serve(addresses[i]);
		struct actor actor = start();
		struct kernel_tcp_key key;
		int fd;

		cr_expect(eq(int, kernel_tcp_find(actor.pid, &key), -ENOENT));
		fd = order_at(actor.self, CONNECT, addresses[i], server.port);
		cr_assert(eq(int, kernel_tcp_find(actor.pid, &key), 0));
		expect_end(&key.there, addresses[i], server.port);
		expect_end(&key.here, addresses[i], order_with(actor.self, PORT, fd));
		finish(&actor);
		cr_expect(eq(int, kernel_tcp_find(actor.pid, &key), -ESRCH));
		close(server.listener);
	}
}

/* Starts a process that has nothing open but its standard descriptors; or a socket, or a pipe to a child, as well. */
static pid_t start_with(int domain, bool piped)
{
	int ready[2], ends[2];
	const pid_t pid = pipe(ready) ? -1 : fork();
	char byte;

	cr_assert(ge(int, pid, 0));
	if (pid > 0) {
		close(ready[1]);
		cr_assert(eq(int, (int)read(ready[0], &byte, 1), 0));
		close(ready[0]);
		return pid;
	}
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
		if (fd != ready[1])
			close(fd);
	if (domain && socket(domain, SOCK_STREAM, 0) < 0)
		_exit(1);
	if (piped && (pipe(ends) || close(ends[0])))
		_exit(1);
	close(ready[1]);
	pause();
	_exit(0);
}

Test(kernel_tcp, tells_whether_an_ssh_has_begun_to_connect)
{
	const struct {
		int domain;
		bool piped;
		int talks;
	} rows[] = {{0, false, 0}, {AF_INET, false, 1}, {AF_UNIX, false, 1}, {0, true, 1}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const pid_t pid = start_with(rows[i].domain, rows[i].piped);

		cr_expect(eq(int, kernel_process_talks(pid), rows[i].talks));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		cr_expect(eq(int, kernel_process_talks(pid), -ESRCH));
	}
}

Test(kernel_tcp, calls_ipv4_within_ipv6_what_it_is)
{
	struct server server = serve("127.0.0.1");
	struct actor actor = start();
	struct kernel_tcp_key key;
	struct kernel_tcp tcp;

	order_at(actor.self, CONNECT, "::ffff:127.0.0.1", server.port);
	cr_assert(eq(int, kernel_tcp_find(actor.pid, &key), 0));
	expect_end(&key.there, "127.0.0.1", server.port);
	cr_expect(eq(int, kernel_tcp_ask(&key, &tcp), 0));
	finish(&actor);
}

Test(kernel_tcp, looks_into_no_other_user)
{
	struct kernel_tcp_key key;
	struct kernel_listeners listeners;

	cr_expect(eq(int, kernel_tcp_find(1, &key), -EACCES));
	cr_assert(eq(int, kernel_listeners_init(&listeners), 0));
	cr_expect(eq(int, kernel_listeners_own(&listeners, 1), -EACCES));
	kernel_listeners_finish(&listeners);
}

/* Connects to a listener of an actor, which accepts that. Returns the actor's descriptor. */
static int visit(struct actor *actor, const char *address, int listener)
{
	cr_assert(ge(int, connect_to(address, order_with(actor->self, PORT, listener)), 0));
	return order_with(actor->self, ACCEPT, listener);
}

Test(kernel_tcp, tells_the_connection_to_the_sshd_from_all_others_of_an_ssh)
{
	struct server sshd = serve("127.0.0.1"), remote = serve("127.0.0.1");
	struct actor ssh = start();
	int listeners[4];

	order_at(ssh.self, CONNECT, "127.0.0.1", sshd.port);
	order(ssh.self, UNIX);
	listeners[0] = order_at(ssh.self, LISTEN, "127.0.0.1", 0);
	listeners[1] = order_at(ssh.self, LISTEN, "::1", 0);
	listeners[2] = order_at(ssh.self, LISTEN, "::", 0);
	listeners[3] = order_at(ssh.self, LISTEN, "0.0.0.0", 0);
	for (int i = 0; i < 5; i++) {
		visit(&ssh, "127.0.0.1", listeners[0]);
		visit(&ssh, "::1", listeners[1]);
		visit(&ssh, "127.0.0.1", listeners[2]);
		visit(&ssh, "127.0.0.1", listeners[3]);
		order_at(ssh.self, CONNECT, "127.0.0.1", remote.port);
		cr_expect(eq(int, found_port(&ssh), sshd.port));
	}
	/* What was accepted outlives its listener. */
	for (int i = 0; i < 4; i++)
		order_with(ssh.self, CLOSE, listeners[i]);
	cr_expect(eq(int, found_port(&ssh), sshd.port));
	finish(&ssh);
}

Test(kernel_tcp, takes_nothing_accepted_for_it_though_that_has_a_lower_descriptor)
{
	static const char *const at[] = {"127.0.0.1", "0.0.0.0", "::"};
	struct server sshd = serve("127.0.0.1");
	struct actor ssh = start();

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		int low, connection, listener, accepted;

		low = order(ssh.self, UNIX);
		connection = order_at(ssh.self, CONNECT, "127.0.0.1", sshd.port);
		listener = order_at(ssh.self, LISTEN, at[i], 0);
		order_with(ssh.self, CLOSE, low);
		accepted = visit(&ssh, "127.0.0.1", listener);
		cr_assert(eq(int, accepted, low));
		cr_expect(eq(int, found_port(&ssh), sshd.port), "%s", at[i]);
		order_with(ssh.self, CLOSE, accepted);
		order_with(ssh.self, CLOSE, listener);
		order_with(ssh.self, CLOSE, connection);
	}
	cr_expect(eq(int, found_port(&ssh), -ENOENT));
	finish(&ssh);
}

Test(kernel_tcp, finds_the_connection_of_a_proxy_command)
{
	struct server sshd = serve("127.0.0.1"), remote = serve("127.0.0.1");
	struct actor ssh = start();
	int listener, low;

	order(ssh.self, FORK_PROXY);
	cr_expect(eq(int, found_port(&ssh), -ENOENT));
	order_at(ssh.child, CONNECT, "127.0.0.1", sshd.port);
	cr_expect(eq(int, found_port(&ssh), sshd.port));
	/* What the ssh has besides: a visitor, whose listener is gone; what it dialled for a remote forward. */
	low = order(ssh.self, UNIX);
	listener = order_at(ssh.self, LISTEN, "127.0.0.1", 0);
	visit(&ssh, "127.0.0.1", listener);
	order_with(ssh.self, CLOSE, listener);
	order_with(ssh.self, CLOSE, low);
	cr_expect(eq(int, order_at(ssh.self, CONNECT, "127.0.0.1", remote.port), low));
	cr_expect(eq(int, found_port(&ssh), sshd.port));
	finish(&ssh);
}

Test(kernel_tcp, finds_the_connection_of_what_a_proxy_command_started)
{
	struct server sshd = serve("127.0.0.1"), later = serve("127.0.0.1");
	struct actor ssh = start();

	order(ssh.self, FORK_PROXY);
	order(ssh.child, FORK);
	order_at(ssh.grandchild, CONNECT, "127.0.0.1", sshd.port);
	order_at(ssh.grandchild, CONNECT, "127.0.0.1", later.port);
	cr_expect(eq(int, found_port(&ssh), sshd.port));
	/* The elder's goes first. */
	order_at(ssh.child, CONNECT, "127.0.0.1", later.port);
	cr_expect(eq(int, found_port(&ssh), later.port));
	finish(&ssh);
}

/* One hop inside another: its bytes go through the control socket of that. */
Test(kernel_tcp, finds_none_where_the_proxy_command_has_none)
{
	struct server remote = serve("127.0.0.1");
	struct actor ssh = start();

	order(ssh.self, FORK_PROXY);
	order(ssh.child, UNIX);
	order_at(ssh.self, CONNECT, "127.0.0.1", remote.port);
	cr_expect(eq(int, found_port(&ssh), -ENOENT));
	finish(&ssh);
}

Test(kernel_tcp, takes_no_other_child_of_an_ssh_for_its_proxy_command)
{
	struct server sshd = serve("127.0.0.1"), other = serve("127.0.0.1");
	struct actor ssh = start();

	/* A library that looked up the user keeps its socket; a program has a window on another machine. */
	order(ssh.self, PIPE_OUTPUT);
	order(ssh.self, UNIX);
	order_at(ssh.self, CONNECT, "127.0.0.1", sshd.port);
	order(ssh.self, PIPE); /* of a session */
	order(ssh.self, FORK_LEAKY);
	order_at(ssh.child, CONNECT, "127.0.0.1", other.port);
	cr_expect(eq(int, found_port(&ssh), sshd.port));
	finish(&ssh);
}

/* --- how a connection fares */

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

Test(kernel_tcp, tells_how_a_connection_fares)
{
	struct server sshd = serve("127.0.0.1");
	struct actor ssh = start();
	int connection = order_at(ssh.self, CONNECT, "127.0.0.1", sshd.port), there, filled;
	char bytes[3000] = {0}, more[7000];
	struct kernel_tcp_key key;
	struct kernel_tcp tcp = {0}, later = {0};
	uint64_t before_ms;

	there = accept(sshd.listener, NULL, NULL);
	cr_assert(eq(int, kernel_tcp_find(ssh.pid, &key), 0));
	cr_assert(eq(int, kernel_tcp_ask(&key, &tcp), 0));
	cr_expect(eq(u64, tcp.received_bytes, 0));
	cr_expect(not(tcp.there_closed));
	while (kernel_tcp_ask(&key, &tcp) == 0 && tcp.silent_ms < 100)
		;
	cr_expect(ge(u32, tcp.silent_ms, 100));

	/* What comes. */
	before_ms = now_ms();
	cr_assert(eq(int, (int)write(there, bytes, sizeof(bytes)), sizeof(bytes)));
	order_bytes(ssh.self, RECEIVE, connection, sizeof(bytes));
	cr_assert(eq(int, kernel_tcp_ask(&key, &later), 0));
	cr_expect(eq(u64, later.received_bytes, sizeof(bytes)));
	/* To within a tick. */
	cr_expect(le(u64, later.silent_ms, now_ms() - before_ms + 20));

	/* What goes, and is read; and is not read. */
	order_bytes(ssh.self, SEND, connection, sizeof(more));
	cr_assert(eq(int, (int)recv(there, more, sizeof(more), MSG_WAITALL), sizeof(more)));
	while (kernel_tcp_ask(&key, &later) == 0 && later.unacked_bytes > 0)
		;
	cr_expect(ge(u64, later.acked_bytes, tcp.acked_bytes + sizeof(more)));
	filled = order_with(ssh.self, FILL, connection);
	cr_assert(eq(int, kernel_tcp_ask(&key, &later), 0));
	cr_expect(ge(u32, later.unacked_bytes, 1));
	cr_expect(le(u32, later.unacked_bytes, (uint32_t)filled));

	/* The end: of the other side, of this one. */
	shutdown(there, SHUT_WR);
	cr_expect(eq(int, order_bytes(ssh.self, RECEIVE, connection, 1), 0));
	cr_assert(eq(int, kernel_tcp_ask(&key, &later), 0));
	cr_expect(later.there_closed);
	order_with(ssh.self, CLOSE, connection);
	cr_expect(eq(int, kernel_tcp_ask(&key, &later), -ENOENT));
	finish(&ssh);
}

Test(kernel_tcp, counts_who_is_connected_besides)
{
	struct server sshd = serve("127.0.0.1");
	struct actor ssh = start();
	struct kernel_tcp_key key;
	size_t count = 99;
	int listener;

	order_at(ssh.self, CONNECT, "127.0.0.1", sshd.port);
	cr_assert(eq(int, kernel_tcp_find(ssh.pid, &key), 0));
	listener = order_at(ssh.self, LISTEN, "127.0.0.1", 0);
	cr_assert(eq(int, kernel_tcp_count(ssh.pid, &key, &count), 0));
	cr_expect(eq(sz, count, 0));
	visit(&ssh, "127.0.0.1", listener);
	visit(&ssh, "127.0.0.1", listener);
	cr_assert(eq(int, kernel_tcp_count(ssh.pid, &key, &count), 0));
	cr_expect(eq(sz, count, 2));
	finish(&ssh);
	cr_expect(eq(int, kernel_tcp_count(ssh.pid, &key, &count), -ESRCH));
	close(sshd.listener);
}

Test(kernel_tcp, takes_no_later_connection_between_the_same_ends_for_the_one_meant)
{
	struct server sshd = serve("127.0.0.1");
	struct actor ssh = start();
	struct kernel_tcp_key key, other;
	struct kernel_tcp tcp;
	int connection = order_from(ssh.self, 0, sshd.port);
	int port = order_with(ssh.self, PORT, connection);

	cr_assert(eq(int, kernel_tcp_find(ssh.pid, &key), 0));
	cr_expect(eq(int, kernel_tcp_ask(&key, &tcp), 0));
	order_with(ssh.self, RESET, connection);
	order_from(ssh.self, port, sshd.port);
	cr_assert(eq(int, kernel_tcp_find(ssh.pid, &other), 0));
	cr_expect(eq(int, other.here.port, key.here.port));
	cr_expect(eq(int, kernel_tcp_ask(&other, &tcp), 0));
	cr_expect(eq(int, kernel_tcp_ask(&key, &tcp), -ENOENT));
	finish(&ssh);
}

Test(kernel_tcp, takes_no_listener_for_a_connection)
{
	int listener = listen_at("127.0.0.1", 0, false);
	struct kernel_tcp_key key = {
		.here = {AF_INET, {127, 0, 0, 1}, (uint16_t)port_of(listener)},
		.there = {AF_INET, {127, 0, 0, 1}, 1},
		.cookie = {~0U, ~0U}, /* the kernel's word for "any" */
	};
	struct kernel_tcp tcp;

	cr_expect(eq(int, kernel_tcp_ask(&key, &tcp), -ENOENT));
}
