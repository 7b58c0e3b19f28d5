/*
 * Hop alone: a hop whose host has said no is left alone for as long as retry.h says, whatever else happens meanwhile:
 * what is to carry the hop ends and is back, another ssh of it is wanted, or nobody needs the hop any more and a tunnel
 * on trial makes it anew. Each of these was no reason for the host to think otherwise, and sshds count failed logins.
 *
 * An `up`, a wake, a route that is back and another place end that, and so does a change of what the login needs.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_ALONE_H
#define TUNPLAN_EXEC_TUNNEL_HOP_ALONE_H

#include "exec/tunnel/hop.h"

/* The hop did not get up for that reason, as its `retry` says, and is tried next at `late_ms`. */
void hop_alone_begin(struct live_hop *hop, const struct failure *why);

/* Its host is about to say no: if it has done so before, in the same way, that goes on, whatever was forgotten since. */
void hop_alone_go_on(struct live_hop *hop, enum retry_class class);

/* Whether the hop is not to be tried now. Asks what its login needs. */
bool hop_is_alone(const struct live_hop *hop);

/* The hop fares as when it was tried last: failure, retry and the time of the next try. */
void hop_alone_resume(struct live_hop *hop);

/*
 * It was up until now: it may be tried at once as for the first time, whatever its host has said to another ssh meanwhile, if
 * that lets others in.
 */
void hop_alone_lost(struct live_hop *hop);

/* It may be tried at once; forgotten: as for the first time. */
void hop_alone_end_wait(struct live_hop *hop);
void hop_alone_forget(struct live_hop *hop);

/* An `up` asks for it: it may be tried at once; as for the first time, if that one begins. */
void hop_alone_ask(struct live_hop *hop, enum hop_asked asked);

/* A hop is about to be freed, or is new. identity: hop_pool_identity(). */
void hop_alone_remember(struct live_hop *hop, const char *identity);
void hop_alone_recall(struct live_hop *hop, const char *identity);

/*
 * All that are remembered may be tried at once, but for those who have said no since the network of this machine changed
 * last: they have said it to who is here. Forgets all of them.
 */
void hop_alone_end_waits(struct engine *engine);
void hop_alone_finish(struct engine *engine);

#endif
