/*
 * Succession: how a tunnel takes the place of one of the same name that works by an older plan.
 *
 * The new one is made before the old one is broken: its chain is up, and its exits have dialled its egresses, where the
 * old one reaches its own. Until then it has no listener, for the old one has that. Then the old one closes its
 * listeners, and keeps its chain until those of the new one are there and proved. If it does not get so far, it fails as
 * any first attempt does; the old one listens again, and goes on as it was.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_SUCCESSION_H
#define TUNPLAN_EXEC_TUNNEL_SUCCESSION_H

#include "exec/tunnel/tunnel.h"

/*
 * Lets a tunnel that has just been made take the place of an old one; at once, if there is nothing to keep of that: it
 * never was up, or the two cannot be there side by side, because a listener comes with a stitched hop of theirs.
 */
void succession_begin(struct live_tunnel *tunnel, struct live_tunnel *old);

/* Whether it is made: nothing is missing but its listeners, which the old one has. A step of those who wait for that. */
bool succession_is_made(struct live_tunnel *tunnel);

/* One step of the tunnel; one on trial stays beside the old one. Returns whether it has to wait before it listens. */
bool succession_step(struct live_tunnel *tunnel);

/* The tunnel has no listener any more: the old one takes its places again. */
void succession_give_back(struct live_tunnel *tunnel);

/* The tunnel is not to take that place any more: what is there stays. */
void succession_end(struct live_tunnel *tunnel);

#endif
