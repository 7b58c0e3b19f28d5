/*
 * Tunnel trouble: what is in the way of a tunnel that is not up: its first failing hop, else a forward; whether that is
 * mended by itself, and when it is tried next.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_TUNNEL_TROUBLE_H
#define TUNPLAN_EXEC_TUNNEL_TUNNEL_TROUBLE_H

#include "exec/tunnel/tunnel.h"

/* Sets why the tunnel is not up. Returns whether anything is to blame; then *ret_event is what that makes of it. */
bool tunnel_take_blame(struct live_tunnel *tunnel, enum tunnel_event *ret_event);

/* Adds to the advice of why it is not up what else can be done than to mend it, or is done (its `elsewhere`). */
void tunnel_add_elsewhere(struct live_tunnel *tunnel);

/* Whether no host before one that seems to be dead is still being asked. */
bool tunnel_blame_is_known(const struct live_tunnel *tunnel);

/* Whether what it waits for was tried since it was lost, or an `up` asked, and who is to blame is known. */
bool tunnel_was_tried(const struct live_tunnel *tunnel);

/* Whether its chain is up, and all that is in its way is a dead session of ours that has an ingress of it. */
bool tunnel_is_held(const struct live_tunnel *tunnel);

/* Whether a hop that is not up is tried again for the tunnel. */
bool tunnel_tries_again(const struct live_tunnel *tunnel, const struct live_hop *hop);

/*
 * Returns the index of its first failing hop, if that cannot be reached, and it is known that this one is to blame, and no
 * link of ours; else TOPOLOGY_NONE.
 */
size_t tunnel_unreached(const struct live_tunnel *tunnel);

/* Returns in how many ms the next try of what it waits for is, or -1: none is due. */
int64_t tunnel_next_try_ms(const struct live_tunnel *tunnel);

#endif
