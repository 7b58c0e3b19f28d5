/*
 * Listener proof: whether a remote forward listens where it was asked to, and nowhere else. Its server said that it
 * does, and servers say that of other places, too: on every address (widened), on loopback alone (narrowed), or though
 * another program has the port.
 *
 * So the exit dials the place that was asked for, and another one of its host beside it. What comes back through the
 * forward's own channel, which its ssh tells (ssh_log.h), is its own listener. Where the exit may not dial, this
 * machine does, if the file says that it gets there. What cannot be found out is said.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_LISTENER_PROOF_H
#define TUNPLAN_EXEC_TUNNEL_LISTENER_PROOF_H

#include "exec/tunnel/probe.h"

struct listener_proof;

enum listener_verdict {
	LISTENER_PROVED,
	LISTENER_UNPROVEN, /* as far as is known all is well */
	LISTENER_WRONG,    /* it is not there, or elsewhere as well */
	LISTENER_LATE,     /* the exit has not answered in time, */
	LISTENER_GONE,     /* or cannot be asked any more */
};

/*
 * code: for the two in the middle, the class of why (classify.h). words: more of that; both live until this returns.
 * came_back: a connection came through the listener, on its way to the egress. The proof is freed.
 */
typedef void (*listener_proof_done)(void *data, enum listener_verdict verdict, const char *code,
				    const char *words, bool came_back);

/* Starts one, of a remote listener on a port. The target outlives it. `done` follows from the loop. */
struct listener_proof *listener_proof_start(const struct probe_target *target,
					    listener_proof_done done, void *data);

/* Ends one without its `done`. Accepts NULL. */
void listener_proof_cancel(struct listener_proof *proof);

#endif
