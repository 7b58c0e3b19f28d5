/*
 * Trial: another tunnel of the same identity, made by another plan, for what the first one is wanted for: beside it, on
 * trial, where clients do not see it, until it takes the place of the first; or in its place at once.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_TRIAL_H
#define TUNPLAN_EXEC_SUPERVISOR_TRIAL_H

#include "exec/tunnel/tunnel.h"

/*
 * Makes a tunnel by a plan of the snapshot (tunnel_create()) for what another one is wanted for: with its environment and
 * its wishes, but of none whom it leaves out.
 */
struct live_tunnel *trial_begin(struct live_tunnel *tunnel, struct snapshot *snapshot,
				const struct plan *plan, struct arena *arena, enum hop_asked asked);

/* Returns the one on trial for a tunnel, the newest; or NULL. */
struct live_tunnel *trial_find(const struct live_tunnel *tunnel);

/* Returns the tunnel in whose place one is tried, or itself. */
struct live_tunnel *trial_seen(struct live_tunnel *tunnel);

/* The other one, just made, is on trial in the place of one that is. */
void trial_go_on(struct live_tunnel *trial, struct live_tunnel *other);

/* The other one is what clients see from now on, and what an older one is waiting for. */
void trial_take_place(struct live_tunnel *tunnel, struct live_tunnel *other);

#endif
