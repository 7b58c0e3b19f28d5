/*
 * Held: the ports on other hosts that a lost session of ours may still have.
 *
 * A session that died in silence keeps its listeners until its sshd finds out. What asks for such a port next may be
 * another forward than the one that had it, by another path or after another `up`: so it is known by its place, the
 * host in its file with the address and the port, until something is heard of that place again.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HELD_H
#define TUNPLAN_EXEC_TUNNEL_HELD_H

#include "exec/tunnel/forward.h"

/* The session that has the listener of a forward, or may have it, is lost. Changes nothing unless that is a port there. */
void held_note(const struct live_forward *forward);

/* It is known now who has the place: the forward itself, or nobody. */
void held_forget(const struct live_forward *forward);

/* Whether a lost session of ours may have the place where a forward is to listen. */
bool held_has(const struct live_forward *forward);

/* Frees what is remembered. */
void held_finish(struct engine *engine);

#endif
