/*
 * probe: opens connections, all at once, and reports the result of each.
 *
 *     probe HOST <LINES
 *
 * LINES are those of expect.c. For each line FROM the host that this program runs on, it prints the
 * first four words and the result:
 *
 *     open          the connection was made
 *     refused       it was refused
 *     unreachable   the kernel, or a router, has no route
 *     dropped       there was no answer
 *
 * A name is dialled as programs do: its addresses in turn, the next one if the one before was
 * refused. An address that does not answer would keep a program waiting, so the turn ends there.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * How long nothing at all must happen until those that said nothing are taken to be silent. Everything is
 * on one machine: an answer takes microseconds.
 */
#define SILENCE_MS 500

struct attempt {
	char from[256];
	char device[16];
	char target[256];
	char port[8];
	struct addrinfo *found;
	const struct addrinfo *next; /* what is dialled when this one says no */
	int fd;                      /* -1: decided */
	const char *answer;
};

static struct attempt *attempts;
static size_t count;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "probe: %s: %s\n", what, why);
	exit(2);
}

/* --- one attempt */

static const char *answer_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
		return "refused";
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
		return "unreachable";
	default:
		return strerror(error);
	}
}

static void decide(struct attempt *attempt, const char *answer)
{
	/* Closed with a reset, the connection leaves nothing behind. */
	const struct linger reset = {.l_onoff = 1};

	if (attempt->fd >= 0) {
		setsockopt(attempt->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(attempt->fd);
	}
	attempt->fd = -1;
	/* That one address said no is more than that another has no way. */
	if (strcmp(attempt->answer, "refused") != 0 || strcmp(answer, "unreachable") != 0)
		attempt->answer = answer;
}

/* Dials the next address, and each further one as long as the kernel itself says no. */
static void dial(struct attempt *attempt)
{
	while (attempt->next) {
		const struct addrinfo *to = attempt->next;

		attempt->next = to->ai_next;
		attempt->fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (attempt->fd < 0)
			fail("socket", strerror(errno));
		if (strcmp(attempt->device, "-") != 0 &&
		    setsockopt(attempt->fd, SOL_SOCKET, SO_BINDTODEVICE, attempt->device,
			       (socklen_t)strlen(attempt->device)) < 0)
			fail(attempt->device, strerror(errno));
		if (connect(attempt->fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS)
			return;
		decide(attempt, answer_of(errno));
	}
}

static void start(struct attempt *attempt)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

	attempt->fd = -1;
	attempt->answer = "unreachable";
	if (getaddrinfo(attempt->target, attempt->port, &hints, &attempt->found) != 0) {
		attempt->answer = "unknown name";
		return;
	}
	attempt->next = attempt->found;
	dial(attempt);
}

/* Something has happened to an attempt. */
static void look(struct attempt *attempt)
{
	socklen_t size = sizeof(int);
	int error = 0;

	getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error == 0) {
		decide(attempt, "open");
		return;
	}
	decide(attempt, answer_of(error));
	dial(attempt);
}

/* --- all of them */

static void read_lines(const char *host)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		struct attempt attempt = {.fd = -1};

		if (sscanf(line, "%255[^\t]\t%15[^\t]\t%255[^\t]\t%7[^\t]", attempt.from,
			   attempt.device, attempt.target, attempt.port) != 4)
			fail("not a line", line);
		if (strcmp(attempt.from, host) != 0)
			continue;
		attempts = realloc(attempts, (count + 1) * sizeof(*attempts));
		if (!attempts)
			abort();
		attempts[count++] = attempt;
	}
}

/* Waits until all are decided, or until nothing has happened for long enough. */
static void wait_for_all(void)
{
	struct pollfd *waits = calloc(count + 1, sizeof(*waits));
	int happened;

	if (!waits)
		abort();
	do {
		size_t undecided = 0;

		for (size_t i = 0; i < count; i++) {
			waits[i] = (struct pollfd){.fd = attempts[i].fd, .events = POLLOUT};
			undecided += attempts[i].fd >= 0;
		}
		happened = undecided ? poll(waits, count, SILENCE_MS) : 0;
		for (size_t i = 0; happened > 0 && i < count; i++)
			if (waits[i].revents)
				look(&attempts[i]);
	} while (happened > 0 || (happened < 0 && errno == EINTR));
	free(waits);
}

int main(int argc, char **argv)
{
	struct rlimit files;

	if (argc != 2)
		fail("usage", "probe HOST <LINES");
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	read_lines(argv[1]);
	for (size_t i = 0; i < count; i++)
		start(&attempts[i]);
	wait_for_all();
	for (size_t i = 0; i < count; i++) {
		struct attempt *attempt = &attempts[i];

		if (attempt->fd >= 0)
			decide(attempt, "dropped");
		printf("%s\t%s\t%s\t%s\t%s\n", attempt->from, attempt->device, attempt->target,
		       attempt->port, attempt->answer);
		if (attempt->found)
			freeaddrinfo(attempt->found);
	}
	free(attempts);
	return 0;
}
