/*
 * Known: faults of the product that the simulator found and that are not mended yet. For each of them it
 * looks away in one place, unless SIM_STRICT is set. Whoever mends one takes its row away.
 */
#ifndef TUNPLAN_TESTS_SIM_KNOWN_H
#define TUNPLAN_TESTS_SIM_KNOWN_H

#include <stdbool.h>

enum known {
	/* A stopped ssh binds, when it goes on, a path that another ssh has by then, and takes it from that. */
	KNOWN_STOLEN,
};

/* Whether it is to be looked away from. */
bool known(enum known known);

#endif
