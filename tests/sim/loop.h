/*
 * Loop: the life of the supervisor in the simulated world. The product's own supervisor_main() runs
 * here, on the few functions of libuv that it calls (loop.c, wire.c), until it leaves, is killed, or
 * the time of the run is over.
 */
#ifndef TUNPLAN_TESTS_SIM_LOOP_H
#define TUNPLAN_TESTS_SIM_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct engine;

/* Opens what all runs of this process share. To be called once. */
void loop_init(void);

/* Forgets the run before. stepped is called after each of the engine's steps. */
void loop_reset(void (*stepped)(const struct engine *engine));

/* Lets things happen until a time, or until nothing is left to happen. */
void loop_run(uint64_t until_ms);

/* Makes a supervisor start as soon as nothing else happens, unless one runs. */
void loop_start_supervisor(void);

/* Whether a supervisor runs, or is about to. */
bool loop_supervisor_runs(void);

/* How many were killed or told to go so far. */
unsigned loop_deaths(void);

/* Whether the running one was told to go, and when. */
bool loop_was_told_to_go(uint64_t *ret_at_ms);

/* The running supervisor gets SIGTERM. */
void loop_terminate(void);

/*
 * Kills the running supervisor before it asks the world for the n-th thing from now on (1: the next);
 * 0: at once, which only what happens in the queue may ask for.
 */
void loop_kill(unsigned nth);

/* It is not killed after all. */
void loop_spare(void);

/* What each function that the product calls does first: here a kill strikes. */
void seam(void);

/* Returns a descriptor that a killed supervisor leaves open: of nothing much; of our standard error. */
int loop_grant(void);
int loop_grant_log(void);

/* After each step of the engine. */
void loop_stepped(struct engine *engine);

/*
 * start.lock: a client holds it from before it looks for the supervisor until it is connected. Returns
 * false while somebody else has it.
 */
bool loop_take_start_lock(void);
void loop_drop_start_lock(void);

#endif
