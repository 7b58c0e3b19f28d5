/*
 * Hop idle: what is done about a hop that its far end ends by its rules while it is idle (idle.h).
 *
 * The rule is named (`rule`), as long as the hop is there. Against UnusedConnectionTimeout one session is held in each
 * next ssh of the hop; against ChannelTimeout that has a shorter ServerAliveInterval.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_IDLE_H
#define TUNPLAN_EXEC_TUNNEL_HOP_IDLE_H

#include "exec/tunnel/hop.h"

/*
 * A new hop: what was known of it when it was there last holds for it, and what is known of its sshd by one that ends there
 * on another path. identity: hop_pool_identity().
 */
void hop_idle_learn(struct live_hop *hop, const char *identity);

/* It is about to be freed: what is known of it is remembered. */
void hop_idle_remember(struct live_hop *hop, const char *identity);

/* Forgets all that is remembered. */
void hop_idle_finish(struct engine *engine);

/*
 * Something of ours has gone through an ssh, and so through those that carry it; and what an ssh carried (NULL: nothing did)
 * has ended.
 */
void hop_idle_moved(struct incarnation *incarnation);
void hop_idle_counted(struct incarnation *incarnation); /* who came to it so far was one of ours */
void hop_idle_carried(struct incarnation *incarnation);

/* The hop's present ssh, which was up, has ended: why is in `failure`. */
void hop_idle_ended(struct live_hop *hop);

/* It may have ended because what carried it did. */
void hop_idle_forget(struct live_hop *hop);

/* Its next ssh is about to be started, and what carries it goes on: so its last end was its own. */
void hop_idle_judge(struct live_hop *hop);

/* Its ssh may be up: a session is held there, if it has to be. And what is held there may have ended. */
void hop_idle_hold(struct live_hop *hop);
void hop_idle_held(struct incarnation *incarnation);

/* What is to start there needs a session, of which the sshd may allow only one: the held one ends. */
void hop_idle_let_go(struct live_hop *hop);

#endif
