/*
 * Forward probing: whether the egress of a forward answers, and what follows from that for the forward.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_FORWARD_PROBING_H
#define TUNPLAN_EXEC_TUNNEL_FORWARD_PROBING_H

#include "exec/tunnel/forward.h"

/* Begins to probe, through the ssh that the forward deals with. */
void forward_probe(struct live_forward *forward);

/*
 * One step of one that does not listen yet, and whose hop is up: its exit dials its egress. Returns whether it is known
 * what comes of that, and nothing speaks against it; a silent one is refused. One whose probe needs its listener is not asked.
 */
bool forward_prove(struct live_forward *forward);

/* What its ssh has told of connections so far is known: only what follows counts. */
void forward_forget_use(struct live_forward *forward);

/*
 * Learns from its ssh's log whether a user's connection has reached the egress since the last look: that is as good as
 * a probe, and the forward is up.
 */
void forward_learn(struct live_forward *forward);

/* One step of a forward that is PROBING: judges it by what a probe found, or begins one. */
void forward_step_probing(struct live_forward *forward);

/*
 * One step of one that is UNPROVEN: it is asked again when its hop is up again; once, where that is only slow. And when
 * a link that was busy is no more.
 */
void forward_step_unproven(struct live_forward *forward);

#endif
