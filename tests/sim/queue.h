/*
 * Queue: what is still to happen in the simulated world, and the virtual time.
 *
 * Time stands still while something happens, and then jumps to what is due next. What is due in the
 * same millisecond happens in an order that only the seed decides: nothing may rely on any.
 */
#ifndef TUNPLAN_TESTS_SIM_QUEUE_H
#define TUNPLAN_TESTS_SIM_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

struct due;

/*
 * Who waits for it: what a killed supervisor waits for never happens. What the schedule does has an order of
 * its own, so that the rest keeps its order when an event is dropped.
 */
enum queue_side { QUEUE_WORLD, QUEUE_SUPERVISOR, QUEUE_SCHEDULE };

/* Empties the queue and begins anew at time 0, with the order that belongs to a seed. */
void queue_init(uint64_t seed);

/* Returns the virtual time in ms. */
uint64_t queue_now(void);

/*
 * Makes happen(data) happen once, so many ms from now; never from inside this call. Owned by the
 * queue, until it happens or is dropped.
 */
struct due *queue_add(enum queue_side side, uint64_t after_ms, void (*happen)(void *data),
		      void *data);

/* Makes it not happen. Accepts NULL. */
void queue_drop(struct due *due);

/* Drops all that the supervisor waits for. Returns how much that was. */
unsigned queue_drop_supervisor(void);

/* Lets the next thing happen. Returns false when there is none until a time. */
bool queue_step(uint64_t until_ms);

/* Returns how often the supervisor woke up so far. */
uint64_t queue_supervisor_steps(void);

/* Returns 1, 2, 3…: a number for whatever has none of its own. */
uint64_t queue_serial(void);

/*
 * Returns a number below sides, for a question (what is asked, of whom, for the how-manieth time)
 * and the seed of the run: the same question has the same answer, whatever else happens before.
 */
unsigned fate(unsigned sides, uint64_t what, uint64_t who, uint64_t nth);

#endif
