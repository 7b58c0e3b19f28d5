/*
 * TCP answers: at which of several addresses and ports something accepts a connection, within one
 * deadline for all of them.
 *
 * All are tried side by side, by a forked child that is killed when the time is up: looking up a name
 * can take as long as the resolver likes, and there is no way to call it off. Connections are closed
 * as soon as they are made. Nothing is sent.
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
