#include "exec/ssh/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* How often the program gets a line; and for it to end, once it gets nothing more. */
#define BEAT_S 15
#define END_S  10

/* Told by SIGTERM, which is let in while a turn waits, and then only. */
static volatile sig_atomic_t is_told_to_end;

static void tell_to_end(int signal)
{
	(void)signal;
	is_told_to_end = 1;
}

int feed_init(struct feed *feed, int listener, int *ret_in)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	*feed = (struct feed){.to = ends[1], .from = STDIN_FILENO, .listener = listener};
	*ret_in = ends[0];
	return fcntl(feed->to, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

void feed_begin(struct feed *feed)
{
	struct sigaction action = {.sa_handler = tell_to_end};
	sigset_t term;

	(void)feed;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void end(struct feed *feed)
{
	if (feed->to >= 0)
		close(feed->to);
	feed->to = -1;
	feed->size = 0;
}

/* Who started us may be gone: then there are no words any more, only lines, until the next one comes. */
static void take(struct feed *feed)
{
	ssize_t got = read(feed->from, feed->bytes, sizeof(feed->bytes));

	if (got > 0)
		feed->size = (size_t)got;
	else
		feed->from_ends = got == 0 || errno != EINTR;
}

static void take_next(struct feed *feed)
{
	const int next = accept4(feed->listener, NULL, NULL, SOCK_CLOEXEC);

	if (next < 0)
		return;
	if (feed->from != STDIN_FILENO)
		close(feed->from);
	feed->from = next;
	feed->from_ends = false;
}

void feed_tell(const struct feed *feed, int status)
{
	if (feed->from != STDIN_FILENO)
		dprintf(feed->from, "%d\n", status);
}

static void give(struct feed *feed)
{
	ssize_t given = write(feed->to, feed->bytes, feed->size);

	if (given > 0) {
		feed->is_in_line = feed->bytes[given - 1] != '\n';
		feed->size -= (size_t)given;
		memmove(feed->bytes, feed->bytes + given, feed->size);
	} else if (errno != EINTR && errno != EAGAIN) {
		end(feed);
	}
}

/* What we read is cut only between two lines. Where there is no room for a line, many wait already. */
static void beat(struct feed *feed)
{
	if (feed->to < 0 || feed->size || feed->is_in_line)
		return;
	feed->bytes[0] = '\n';
	feed->size = 1;
	give(feed);
	feed->size = 0;
}

int feed_turn(struct feed *feed, int watched)
{
	const bool ends = feed->to < 0;
	const struct timespec patience = {.tv_sec = ends ? END_S : BEAT_S};
	struct pollfd fds[3] = {
		{.fd = watched, .events = POLLIN},
		{.fd = feed->size ? feed->to : -1, .events = POLLOUT},
		{.fd = ends || feed->size ? -1
		       : feed->from_ends  ? feed->listener
					  : feed->from,
		 .events = POLLIN},
	};
	sigset_t none;
	int ready;

	sigemptyset(&none);
	ready = ppoll(fds, 3, &patience, &none);
	if (is_told_to_end && !ends)
		end(feed);
	if (ready < 0)
		return 0;
	if (ready == 0 && ends)
		return -1;
	if (ready == 0)
		beat(feed);
	if (fds[1].revents && feed->to >= 0)
		give(feed);
	if (fds[2].revents && feed->to >= 0 && feed->from_ends)
		take_next(feed);
	else if (fds[2].revents && feed->to >= 0)
		take(feed);
	return fds[0].revents != 0;
}
