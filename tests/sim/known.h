/*
 * Known: faults of the product that the simulator found and that are not mended yet. For each of them it
 * looks away in one place, unless SIM_STRICT is set. Whoever mends one takes its row away.
 */
#ifndef TUNPLAN_TESTS_SIM_KNOWN_H
#define TUNPLAN_TESTS_SIM_KNOWN_H

#include <stdbool.h>

enum known {
	/* A holder that finds no ssh behind its control socket says "Connection refused": its hop's host is blamed. */
	KNOWN_BLAME,
	/* A hop that another carries stays stalled when all moves again; a mute port 1 makes any hop stalled. */
	KNOWN_STALL,
	/* A probe that no ssh carried out, for it was stopped or gone, says that the egress is silent. */
	KNOWN_SILENT,
	/*
	 * An `up` waits for ever: for a first hop whose ssh is stopped while it connects, and for a stalled hop
	 * whose next ssh did not get up.
	 */
	KNOWN_WAITS,
	/* A stopped ssh binds, when it goes on, a path that another ssh has by then, and takes it from that. */
	KNOWN_STOLEN,
	/* What a stopped ssh did not close is given up, and nobody closes it when the ssh goes on. */
	KNOWN_STUCK,
	/* An ssh that ended while its link stood still leaves its listeners to its sshd, and not all are named. */
	KNOWN_ZOMBIE,
	/* Nothing new can be asked of an ssh whose socket's file has vanished, and a forward waits for its end. */
	KNOWN_VANISH,
};

/* Whether it is to be looked away from. */
bool known(enum known known);

#endif
