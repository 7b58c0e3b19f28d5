/*
 * Hop pool: all hops of the engine, found by parent and command line. Makes, counts and frees them.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_POOL_H
#define TUNPLAN_EXEC_TUNNEL_HOP_POOL_H

#include "exec/tunnel/hop.h"

/*
 * Returns the hop for hops[index] of a plan: a living one with this parent and the same command
 * line, else a new one that waits. parent is the hop that was acquired for its `through`, or NULL;
 * env is for a new one. The caller uses and holds it.
 */
struct live_hop *hop_acquire(struct engine *engine, const struct plan *plan, size_t index,
			     struct live_hop *parent, const char *const *env);

/* The caller does not need it running any more. */
void hop_release(struct live_hop *hop);

/* The caller will not look at it any more. */
void hop_forget(struct live_hop *hop);

/* Frees the hops that nobody holds and whose processes are gone. */
void hop_pool_reap(struct engine *engine);

#endif
