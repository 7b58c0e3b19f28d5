/*
 * Forward life: a forward step by step, from the wait for its hop, over a move to another ssh, to its end.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_FORWARD_LIFE_H
#define TUNPLAN_EXEC_TUNNEL_FORWARD_LIFE_H

#include "exec/tunnel/forward.h"

/* Does what follows from the present states. may_open: it is wanted, and what it leads to is there. */
void forward_step(struct live_forward *forward, bool may_open);

/* Whether it waits for a hop that is stalled, and another ssh was tried there. */
bool forward_waits_in_vain(const struct live_forward *forward);

/* Takes the listener away; FORWARD_CLOSED follows. Asking again changes nothing. */
void forward_close(struct live_forward *forward);

/* Whether it is one of a stitched hop, and stays with that for others: its ssh was not told to end. */
bool forward_stays(const struct live_forward *forward);

/* Its ssh does not close it, and goes on for others: it is named among what is left, unless it stays. */
void forward_give_up(struct live_forward *forward);

/* Probes a listening one again. */
void forward_reprobe(struct live_forward *forward);

/* The same, if the file says how often, and it is time. Returns in how many ms it is; UINT64_MAX: never. */
uint64_t forward_reprobe_due(struct live_forward *forward);

/* An `up` asks again for one that failed, though its ssh is the same. */
void forward_again(struct live_forward *forward);

#endif
