/*
 * far_end: what is at the far end of the tunnels that are measured, and a slow line to them.
 *
 *     far_end greet PORT COUNT           on each of COUNT ports, says a greeting in two pieces
 *     far_end pour PORT                  sends bytes as fast as they are read
 *     far_end drink PORT                 reads bytes as fast as they are sent
 *     far_end line PORT HOST BYTES_S     forwards connections to the sshd of HOST, BYTES_S either way
 *
 * They listen on all addresses, but the line, which is between this machine and its first hop: on
 * 127.0.0.1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Between the pieces of a greeting: so long that they leave in two packets. */
#define PIECES_NS 200000
/* What a line forwards at a time. */
#define LINE_BYTES 1024
/* What the kernel may hold for a line: little, or it would not be slow until that is full. */
#define LINE_BUFFER 8192

static const char *line_host;
static long line_bytes_s;

static void fail(const char *what)
{
	fprintf(stderr, "far_end: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool send_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		bytes += sent;
		size -= (size_t)sent;
	}
	return true;
}

static void greet(int fd)
{
	static const char first[] = "220 here is ", second[] = "the far end\n";
	const struct timespec pause = {.tv_nsec = PIECES_NS};
	const int now = 1;
	char byte;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof(now));
	if (!send_all(fd, first, strlen(first)))
		return;
	nanosleep(&pause, NULL);
	if (!send_all(fd, second, strlen(second)))
		return;
	while (recv(fd, &byte, 1, 0) > 0)
		;
}

static void pour(int fd)
{
	static const char zeros[65536];

	while (send_all(fd, zeros, sizeof(zeros)))
		;
}

static void drink(int fd)
{
	char bytes[65536];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
}

/* The two connections that a line joins, one of them as seen from either end. */
struct direction {
	int from;
	int to;
};

static void *forward(void *data)
{
	const struct direction *direction = data;
	char bytes[LINE_BYTES];
	ssize_t got;

	while ((got = recv(direction->from, bytes, sizeof(bytes), 0)) > 0) {
		long ns = (long)(got * 1000000000L / line_bytes_s);
		const struct timespec pause = {ns / 1000000000L, ns % 1000000000L};

		nanosleep(&pause, NULL);
		if (!send_all(direction->to, bytes, (size_t)got))
			break;
	}
	shutdown(direction->to, SHUT_WR);
	shutdown(direction->from, SHUT_RD);
	return NULL;
}

static int dial_sshd(void)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET};
	struct addrinfo *found;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int size = LINE_BUFFER;

	if (getaddrinfo(line_host, "22", &hints, &found))
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (connect(fd, found->ai_addr, found->ai_addrlen)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static void line(int fd)
{
	int far = dial_sshd();
	struct direction up = {fd, far}, down = {far, fd};
	pthread_t thread;

	if (far < 0)
		return;
	if (pthread_create(&thread, NULL, forward, &up) == 0) {
		forward(&down);
		pthread_join(thread, NULL);
	}
	close(far);
}

/* One row for each thing it can be. */
static const struct role {
	const char *name;
	void (*serve)(int fd); /* a connection, which is closed afterwards */
	int words;             /* behind the name */
} roles[] = {
	{"greet", greet, 2},
	{"pour", pour, 1},
	{"drink", drink, 1},
	{"line", line, 3},
};

/* A connection for a thread of its own. */
struct guest {
	const struct role *role;
	int fd;
};

static void *serve(void *data)
{
	struct guest *guest = data;

	guest->role->serve(guest->fd);
	close(guest->fd);
	free(guest);
	return NULL;
}

/* A listener for a thread of its own. */
struct door {
	const struct role *role;
	int fd;
};

static void *accept_all(void *data)
{
	const struct door *door = data;

	for (;;) {
		struct guest *guest = malloc(sizeof(*guest));
		pthread_t thread;

		if (!guest)
			fail("memory");
		*guest = (struct guest){door->role, accept(door->fd, NULL, NULL)};
		if (guest->fd < 0 || pthread_create(&thread, NULL, serve, guest))
			fail("accept");
		pthread_detach(thread);
	}
	return NULL;
}

static int listen_on(unsigned short port, in_addr_t address, int buffer)
{
	struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	place.sin_addr.s_addr = htonl(address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (bind(fd, (struct sockaddr *)&place, sizeof(place)) || listen(fd, 64))
		fail("listen");
	return fd;
}

int main(int argc, char **argv)
{
	const struct role *role = NULL;
	int count = 1;

	for (size_t i = 0; argc > 1 && i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(argv[1], roles[i].name) == 0 && argc == 2 + roles[i].words)
			role = &roles[i];
	if (!role) {
		fputs("usage: far_end greet PORT COUNT | pour PORT | drink PORT | "
		      "line PORT HOST BYTES_S\n",
		      stderr);
		return 2;
	}
	if (role->serve == greet)
		count = atoi(argv[3]);
	if (role->serve == line) {
		line_host = argv[3];
		line_bytes_s = atol(argv[4]);
	}
	for (int i = 0; i < count; i++) {
		const bool is_line = role->serve == line;
		struct door *door = malloc(sizeof(*door));
		pthread_t thread;

		if (!door)
			fail("memory");
		*door = (struct door){role, listen_on((unsigned short)(atoi(argv[2]) + i),
						      is_line ? INADDR_LOOPBACK : INADDR_ANY,
						      is_line ? LINE_BUFFER : 0)};
		if (pthread_create(&thread, NULL, accept_all, door))
			fail("thread");
	}
	pause();
	return 0;
}
