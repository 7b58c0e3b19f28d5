/*
 * far_end: what is at the far end of the tunnels that are measured, and a slow line to them.
 *
 *     far_end greet PORT COUNT           on each of COUNT ports, says a greeting in two pieces
 *     far_end pour PORT                  sends bytes as fast as they are read
 *     far_end drink PORT                 reads bytes as fast as they are sent
 *     far_end count PORT                 sends a line for each number up to 400000, for 40 s, and hangs up
 *     far_end line PORT HOST BYTES_S     forwards connections to the sshd of HOST, BYTES_S either way
 *     far_end way PORT HOST MS           the same, each byte so many milliseconds after it came
 *
 * They listen on all addresses, but a line and a way, which are between this machine and its next hop: on
 * 127.0.0.1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
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
/* What is counted, so many lines at once, and the pause then. */
#define COUNT_LINES   400000
#define COUNT_AT_ONCE 1000
#define COUNT_NS      100000000
/* What a line forwards at a time. */
#define LINE_BYTES 1024
/* What the kernel may hold for a line: little, or it would not be slow until that is full. */
#define LINE_BUFFER 8192

static const char *next_host; /* of a line or a way */
static long line_bytes_s;
static long way_ms;

static _Noreturn void fail(const char *what)
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

static void say_numbers(int fd)
{
	const struct timespec pause = {.tv_nsec = COUNT_NS};
	bool taken = true;
	char line[16];

	for (int number = 1; taken && number <= COUNT_LINES; number++) {
		if (number % COUNT_AT_ONCE == 0)
			nanosleep(&pause, NULL);
		taken = send_all(fd, line, (size_t)snprintf(line, sizeof(line), "%d\n", number));
	}
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

/* With a buffer of so many bytes, or that of the kernel (0). */
static int dial_sshd(int buffer)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET};
	struct addrinfo *found;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (getaddrinfo(next_host, "22", &hints, &found))
		return -1;
	if (buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (connect(fd, found->ai_addr, found->ai_addrlen)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static void line(int fd)
{
	int far = dial_sshd(LINE_BUFFER);
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

/* What came at a time, on its way; of no bytes: the end. */
struct parcel {
	struct parcel *next;
	long due_ms;
	size_t size;
	char bytes[4096];
};

/* One direction of a way: the parcels that came and are not due, the oldest first. */
struct lane {
	struct direction ends;
	struct parcel *first;
	struct parcel **last;
	bool ended;
};

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void take_parcel(struct lane *lane)
{
	struct parcel *parcel = malloc(sizeof(*parcel));
	ssize_t got;

	if (!parcel)
		fail("memory");
	got = recv(lane->ends.from, parcel->bytes, sizeof(parcel->bytes), 0);
	parcel->next = NULL;
	parcel->due_ms = now_ms() + way_ms;
	parcel->size = got > 0 ? (size_t)got : 0;
	lane->ended = got <= 0;
	*lane->last = parcel;
	lane->last = &parcel->next;
}

/* Delivers what is due. Returns in how many ms the next one is, or -1: there is none. */
static int deliver(struct lane *lane)
{
	struct parcel *parcel;

	while ((parcel = lane->first)) {
		const long wait_ms = parcel->due_ms - now_ms();

		if (wait_ms > 0)
			return (int)wait_ms;
		if (!parcel->size || !send_all(lane->ends.to, parcel->bytes, parcel->size))
			shutdown(lane->ends.to, SHUT_WR);
		lane->first = parcel->next;
		if (!lane->first)
			lane->last = &lane->first;
		free(parcel);
	}
	return -1;
}

static void way(int fd)
{
	const int far = dial_sshd(0), now = 1;
	struct lane lanes[2] = {{.ends = {fd, far}}, {.ends = {far, fd}}};

	if (far < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof(now));
	setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &now, sizeof(now));
	for (size_t i = 0; i < 2; i++)
		lanes[i].last = &lanes[i].first;
	while (!lanes[0].ended || !lanes[1].ended || lanes[0].first || lanes[1].first) {
		struct pollfd from[2];
		int soonest = -1;

		for (size_t i = 0; i < 2; i++) {
			const int wait = deliver(&lanes[i]);

			if (wait >= 0 && (soonest < 0 || wait < soonest))
				soonest = wait;
			from[i] = (struct pollfd){lanes[i].ended ? -1 : lanes[i].ends.from, POLLIN,
						  0};
		}
		if (soonest < 0 && lanes[0].ended && lanes[1].ended)
			break;
		poll(from, 2, soonest);
		for (size_t i = 0; i < 2; i++)
			if (from[i].revents)
				take_parcel(&lanes[i]);
	}
	close(far);
}

/* One row for each thing it can be. */
static const struct role {
	const char *name;
	void (*serve)(int fd); /* a connection, which is closed afterwards */
	int words;             /* behind the name */
	bool here;             /* it listens on 127.0.0.1 only */
	int buffer;            /* of its connections; 0: that of the kernel */
} roles[] = {
	{"greet", greet, 2, false, 0},        {"pour", pour, 1, false, 0},
	{"drink", drink, 1, false, 0},        {"count", say_numbers, 1, false, 0},
	{"line", line, 3, true, LINE_BUFFER}, {"way", way, 3, true, 0},
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
		fputs("usage: far_end greet PORT COUNT | pour PORT | drink PORT | count PORT | "
		      "line PORT HOST BYTES_S | way PORT HOST MS\n",
		      stderr);
		return 2;
	}
	if (role->serve == greet)
		count = atoi(argv[3]);
	if (role->here) {
		next_host = argv[3];
		line_bytes_s = way_ms = atol(argv[4]);
	}
	for (int i = 0; i < count; i++) {
		struct door *door = malloc(sizeof(*door));
		pthread_t thread;

		if (!door)
			fail("memory");
		*door = (struct door){role, listen_on((unsigned short)(atoi(argv[2]) + i),
						      role->here ? INADDR_LOOPBACK : INADDR_ANY,
						      role->buffer)};
		if (pthread_create(&thread, NULL, accept_all, door))
			fail("thread");
	}
	pause();
	return 0;
}
