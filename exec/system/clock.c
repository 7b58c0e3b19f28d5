#include "exec/system/clock.h"

#include <stdlib.h>
#include <uv.h>

uint64_t clock_ms(void)
{
	return uv_hrtime() / 1000000;
}

time_t clock_wall(void)
{
	return time(NULL);
}

int64_t clock_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint32_t clock_random(void)
{
	uint32_t number;

	/* Without its source of chance a system is broken, and names would repeat. */
	if (uv_random(NULL, NULL, &number, sizeof(number), 0, NULL))
		abort();
	return number;
}
