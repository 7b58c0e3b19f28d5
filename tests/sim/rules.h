/*
 * Rules: what must hold in every run, after each step of the engine, at rest and at the end: what the
 * supervisor says agrees with the truth (world.h, ssh.h), and nothing is left over.
 */
#ifndef TUNPLAN_TESTS_SIM_RULES_H
#define TUNPLAN_TESTS_SIM_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct engine;

/* Forgets the run before. */
void rules_reset(void);

/* After a step of the engine. */
void rules_stepped(const struct engine *engine);

/* Of the hops alone that are said to be stalled. */
void rules_stalls(const struct engine *engine);

/* Of the first hops alone whose links stand still, and are not said to be stalled after so long. */
void rules_noticed(uint64_t within_ms);

/* After a step, too: of the hops alone that are tried again. Forgets the run before; an `up` asks for something, or the network is back. */
void rules_retries(const struct engine *engine);
void rules_retry_reset(void);
void rules_asked(bool up);

/*
 * After a step, too: of what was up when a supervisor was killed, just now; the supervisor ends an ssh; a tunnel of that id is
 * not wanted any more, or not by a text of that digest. Forgets the run before.
 */
void rules_kept(const struct engine *engine);
void rules_killed(void);
void rules_ends(pid_t pid);
void rules_unwanted(const char *id, const char *digest);
void rules_kept_reset(void);

/* Nothing was wrong for the longest wait that there is: what is wanted is up. */
void rules_alive(void);

/* Nothing was wrong for so long, and one bring-up: what waits no longer than that is up. */
void rules_alive_after(uint64_t wait_ms);

/* The supervisor writes a line to a client. */
void rules_said(const char *line);

/* Returns the engine of the supervisor that runs, or NULL before its first step. */
const struct engine *rules_engine(void);

/* Nothing happened for long; nothing moves any more; and everything was taken down. */
void rules_quiet(void);
void rules_rest(void);
void rules_end(void);

#endif
