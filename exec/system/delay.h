/*
 * Delay: calls a function once, from the event loop, when some time has passed. Like clock.h it is
 * all that hops, tunnels and sessions know of the loop's time: a test can put its own in the place
 * of delay.c.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_DELAY_H
#define TUNPLAN_EXEC_SYSTEM_DELAY_H

#include <stdbool.h>
#include <stdint.h>

struct delay;
struct uv_loop_s;

/* Makes one that stands still. */
struct delay *delay_create(struct uv_loop_s *loop, void (*due)(void *data), void *data);

/*
 * Makes it call due(data) after that time, 0 being as soon as the loop gets to it; never from inside
 * this call. A running one begins anew.
 */
void delay_start(struct delay *delay, uint64_t after_ms);

/* Makes it stand still. */
void delay_stop(struct delay *delay);

/* Whether it runs. */
bool delay_runs(const struct delay *delay);

/* Frees it. Accepts NULL. */
void delay_destroy(struct delay *delay);

#endif
