/*
 * Cases: schedules that broke a rule once, and are played by every run. Each is what was printed when it was found, without
 * the sharps: a seed, and its events in words. So it stays what it is when schedules come to be drawn in another way.
 */
#ifndef TUNPLAN_TESTS_SIM_CASES_H
#define TUNPLAN_TESTS_SIM_CASES_H

#include <stdbool.h>

#include "tests/sim/schedule.h"

struct sim_case {
	const char *what; /* must hold */
	uint64_t seed;
	const char *events; /* lines of schedule_print() */
};

/* Returns the index-th case, or NULL behind the last. */
const struct sim_case *case_at(unsigned index);

/* Reads a case; false: one of its lines is no event. */
bool case_read(const struct sim_case *one, struct schedule *ret_schedule);

#endif
