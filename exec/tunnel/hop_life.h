/*
 * Hop life: how a hop gets its ssh processes, loses them, and ends them when nobody needs it any more.
 *
 * One that is stalled gets another ssh beside the present one by itself, as soon as there is a way again where there was
 * none, or when nothing has come for a minute. The first of both from which something comes is used, the other drains.
 *
 * Everything happens in hop_step(), or when an ssh says how it fares; states.h has the transitions.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_LIFE_H
#define TUNPLAN_EXEC_TUNNEL_HOP_LIFE_H

#include "exec/tunnel/hop.h"

/*
 * An `up` asks for it: what waits for its next try starts at once, with the environment of that `up`, and what is
 * stalled gets another ssh beside the one that there is. Of what is cut off, it may be tried again.
 */
void hop_again(struct live_hop *hop, const char *const *env, enum hop_asked asked);

/*
 * One that is up gets another ssh, with that environment, beside the one that there is, which drains when the new one is
 * up, and goes on if it does not get up. The hops that it carries follow. One that another hop carries waits for that,
 * but for a stitched one, whose ssh ends first.
 */
void hop_renew(struct live_hop *hop, const char *const *env);

/* Nobody wants that any more: where the other ssh is not up yet, the one that there is goes on. */
void hop_renew_cancel(struct live_hop *hop);

/*
 * Somebody waits for the hop, which is stalled: another ssh is tried beside the one that there is, at once, and
 * again when the next try is due. Returns false while it is not.
 */
bool hop_try_another(struct live_hop *hop);

/*
 * Whether something new, that crosses the link, may be asked of its ssh. If the file of that one's control
 * socket is gone, another ssh is tried beside it, once, and false is returned.
 */
bool hop_can_ask(struct live_hop *hop);

/* Does what follows from the present states; called from the engine's step. */
void hop_step(struct live_hop *hop);

/* Its bring-up has that much more time: its bytes wait behind others. */
void hop_postpone(struct live_hop *hop, uint64_t ms);

/*
 * What the deadline of a hop calls: the time for the connect, or for the login, is up, unless something moved it on;
 * or its next try is due.
 */
void hop_too_late(void *data);

#endif
