/*
 * Forward opening: how a forward gets its listener: where, from which ssh, and whether the listener is that ssh's.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_FORWARD_OPENING_H
#define TUNPLAN_EXEC_TUNNEL_FORWARD_OPENING_H

#include "exec/tunnel/forward.h"

/* Refuses a WAITING one whose place on this machine somebody else has: before any login is made for it. */
void forward_foresee(struct live_forward *forward);

/* One step of a forward that is WAITING and may open: asks its hop for the listener, once the hop is up. */
void forward_step_waiting(struct live_forward *forward);

/* One step of one that is OPENING: asks for the next port, once that is written down. */
void forward_step_announced(struct live_forward *forward);

/*
 * One step of one whose ssh said that it listens: the kernel is asked whose the listener is, when the ssh has
 * answered all that it was asked: once, and not for each.
 */
void forward_step_confirmed(struct live_forward *forward);

/* Looks whether the listener, if it is here, is still there, and its ssh's. */
void forward_look(struct live_forward *forward);

#endif
