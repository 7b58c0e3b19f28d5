/*
 * TCP answers: which of several addresses and ports accept a connection, within one deadline for
 * all.
 *
 * They are tried side by side, in a forked child that is killed at the deadline: a name lookup can
 * take arbitrarily long and cannot be cancelled. Connections are closed at once; nothing is sent.
 */
#ifndef TUNPLAN_EXEC_PLACE_TCP_ANSWERS_H
#define TUNPLAN_EXEC_PLACE_TCP_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "topology/model/topology.h"

struct tcp_question {
	const struct address *address; /* a name is looked up on this machine */
	uint16_t port;
	bool answers; /* filled in */
};

/*
 * Fills in the answers: false for what refused, did not answer in time, or is a name that nobody
 * knows. Returns 0, or -errno when nothing could be asked.
 */
int tcp_answers(struct tcp_question *questions, size_t count, int deadline_ms);

#endif
