/*
 * Slept: whether the machine, or this process, stood still between two moments, so that what is timed and who is
 * connected elsewhere may know more than we do. Pure: the clocks are read by whoever asks.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_SLEPT_H
#define TUNPLAN_EXEC_SYSTEM_SLEPT_H

#include <stdbool.h>
#include <stdint.h>

/* What is slept less, or by which a timer is late, is no sleep: connections do not notice it. */
#define SLEPT_NAP_MS 10000

struct slept_moment {
	uint64_t awake_ms; /* by the monotonic clock, which stands still while the machine sleeps */
	uint64_t slept_ms; /* how long that was, since the machine was started: kernel_slept_ms() */
};

/*
 * Returns whether more than a nap was slept between two moments, of which the second was to be so many ms after the
 * first: the machine did, or a timer is late by that.
 */
bool slept_between(const struct slept_moment *from, const struct slept_moment *to,
		   uint64_t planned_ms);

#endif
