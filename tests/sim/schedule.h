/*
 * Schedule: what people, hosts, links, disks and signals do in one run, and when. It is made from a seed;
 * everything else of the run (how long things take, who comes first) follows from the seed, too.
 */
#ifndef TUNPLAN_TESTS_SIM_SCHEDULE_H
#define TUNPLAN_TESTS_SIM_SCHEDULE_H

#include "tests/sim/event.h"

#define SCHEDULE_MAX 24

struct schedule {
	uint64_t seed;
	struct event events[SCHEDULE_MAX]; /* in the order in which they happen */
	unsigned count;
};

/* Makes the one of a seed. */
void schedule_make(uint64_t seed, struct schedule *ret_schedule);

/* Appends it, one event a line, each behind its number; without those that are dropped. */
void schedule_print(const struct schedule *schedule, struct strbuf *text);

/* Plays it to the end; a broken rule ends the process (trace.h). */
void schedule_play(const struct schedule *schedule);

#endif
