/*
 * Candour: whether it proves anything that the far end of an ssh opens a connection. Some servers say that it stands
 * before they have connected anywhere, or whatever became of that. So each incarnation that dials for us is asked once
 * for a port on its own loopback on which hardly anything listens: where that "opens", an opened connection proves
 * nothing, and only what comes over it does.
 *
 * The question goes out beside the first dial, and costs no round trip of its own.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_CANDOUR_H
#define TUNPLAN_EXEC_TUNNEL_CANDOUR_H

#include <stdint.h>

/* What is asked for. */
#define CANDOUR_HOST "127.0.0.1"
#define CANDOUR_PORT 1
/* For the answer to another question (HOP_NOWHERE), when that one was not answered in time: it is asked still, until then. */
#define CANDOUR_DOUBT_MS 3000

enum candour {
	CANDOUR_UNASKED, /* or in vain: nothing was answered */
	CANDOUR_ASKED,
	CANDOUR_PROVES, /* an opened connection does */
	CANDOUR_OPENS_ALL,
};

struct incarnation;
struct exit_wait;

/* Of one incarnation; a zeroed one was not asked. */
struct candour_of {
	enum candour state;
	uint64_t asked_ms;      /* monotonic */
	struct exit_wait *wait; /* while it is asked */
	char *words;            /* in which the closed port was refused, or NULL */
};

/*
 * Asks, unless that was done, or was in vain and nothing has come from there since. `exit_dials_judge()` follows once
 * the answer is known.
 */
void candour_ask(struct incarnation *incarnation);

/* Nobody wants to know any more. */
void candour_finish(struct candour_of *candour);

#endif
