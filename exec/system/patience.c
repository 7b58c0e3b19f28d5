#include "exec/system/patience.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "exec/system/clock.h"
#include "exec/system/kernel.h"
#include "topology/base/memory.h"

/* A wait that is longer than this the user is told about. */
#define MOMENT_MS 1000

struct wait wait_begin(const struct patience *patience)
{
	return (struct wait){.patience = patience, .since_ms = clock_ms()};
}

bool wait_is_stopped(pid_t pid)
{
	struct kernel_process process;

	return kernel_process_read(pid, &process) == 0 && process.state == 'T';
}

char *wait_awaited(const char *who, pid_t pid)
{
	if (pid <= 0)
		return memory_string(who);
	if (!wait_is_stopped(pid))
		return memory_format("%s (process %d)", who, (int)pid);
	return memory_format("%s (process %d, which is stopped: `kill -CONT %d` lets it go on)",
			     who, (int)pid, (int)pid);
}

void wait_tell(struct wait *wait, const char *who, pid_t pid)
{
	char *what;

	if (wait->told || clock_ms() - wait->since_ms < MOMENT_MS)
		return;
	wait->told = true;
	what = wait_awaited(who, pid);
	wait->patience->tell(what, wait->patience->data);
	free(what);
}

int wait_for(struct wait *wait, int fd, short events, int at_most_ms)
{
	const struct patience *patience = wait->patience;
	struct pollfd on = {.fd = fd, .events = events};
	const int64_t now = (int64_t)clock_ms(), moment = (int64_t)wait->since_ms + MOMENT_MS - now;
	int64_t left = at_most_ms < 0 ? INT64_MAX : at_most_ms;
	struct timespec time;
	int ready;

	if (patience->until_ms >= 0 && patience->until_ms - now < left)
		left = patience->until_ms - now;
	/* To say what is waited for. */
	if (!wait->told && moment < left)
		left = moment;
	if (left < 0)
		left = 0;
	time = (struct timespec){(time_t)(left / 1000), (long)(left % 1000) * 1000000};
	ready = ppoll(&on, 1, left == INT64_MAX ? NULL : &time, patience->mask);
	/* Where no signal is awaited, one that does not end this program changes nothing. */
	if (ready < 0)
		return errno == EINTR && !patience->mask ? 0 : -errno;
	if (ready == 0 && patience->until_ms >= 0 && (int64_t)clock_ms() >= patience->until_ms)
		return -ETIMEDOUT;
	return ready;
}
