/*
 * wallclock.so, for LD_PRELOAD: the wall clock (CLOCK_REALTIME) of a program is as many seconds off as the file that
 * WALLCLOCK names says, at each look at it; without that file it is right. So a test steps the clock of some
 * programs, and not the machine's. The monotonic clock goes on as it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* The names are libc's. */
int clock_gettime(clockid_t clock, struct timespec *ret_now);
int gettimeofday(struct timeval *ret_now, void *zone);
time_t time(time_t *ret_now);

static long off_by(void)
{
	const char *path = getenv("WALLCLOCK");
	FILE *file = path ? fopen(path, "re") : NULL;
	char line[32] = "";

	if (!file)
		return 0;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	return strtol(line, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *ret_now)
{
	const int result = (int)syscall(SYS_clock_gettime, clock, ret_now);

	if (result == 0 && clock == CLOCK_REALTIME)
		ret_now->tv_sec += off_by();
	return result;
}

int gettimeofday(struct timeval *ret_now, void *zone)
{
	struct timespec now;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &now))
		return -1;
	*ret_now = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}

time_t time(time_t *ret_now)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret_now)
		*ret_now = now.tv_sec;
	return now.tv_sec;
}
