/* Hop pool: all hops of the engine, found by parent and key. */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_POOL_H
#define TUNPLAN_EXEC_TUNNEL_HOP_POOL_H

#include "exec/tunnel/hop.h"

/*
 * Returns the hop for hops[index] of a plan (stitched_whole()): the one with this parent and the same key, or a
 * new one. parent is the hop that was acquired for its stitched_parent(), or NULL; env is for its next ssh. asked:
 * an `up` wants it now (hop_again()); unasked, one that is there is left as it is. The caller needs it and refers to it.
 */
struct live_hop *hop_acquire(struct engine *engine, const struct plan *plan, size_t index,
			     struct live_hop *parent, const char *const *env, enum hop_asked asked);

/*
 * Appends what makes a hop of a plan the hop that it is: its key, behind those of the hops that carry it. And
 * whether a hop of which that is true is up.
 */
void hop_pool_identity(const struct plan *plan, size_t index, struct strbuf *text);
bool hop_pool_has_up(const struct engine *engine, const char *identity);

/* Frees the hops that nobody refers to and whose processes are gone. */
void hop_pool_reap(struct engine *engine);

#endif
