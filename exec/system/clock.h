/*
 * Clock: the time, and chance. Whatever in the supervisor depends on either asks here and nowhere
 * else, so that a test can put a clock and dice of its own in the place of clock.c.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_CLOCK_H
#define TUNPLAN_EXEC_SYSTEM_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Returns the time since some moment in the past, in ms; it never jumps. */
uint64_t clock_ms(void);

/* Returns the time of day, for what people read. */
time_t clock_wall(void);

/* Returns the same in ms since 1970, for what is kept: it jumps when somebody sets it. */
int64_t clock_wall_ms(void);

/* Returns a random number that nobody can guess. */
uint32_t clock_random(void);

#endif
