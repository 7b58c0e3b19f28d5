/*
 * Hop look: whether a hop is what it seems: what the kernel tells of its ssh and its connection, and what its ssh
 * and its host answer.
 *
 * Looking ends nothing: what it finds out is a state (stalled, or up again) and its reason.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_LOOK_H
#define TUNPLAN_EXEC_TUNNEL_HOP_LOOK_H

#include "exec/tunnel/hop.h"

/* The longest time between two looks at a hop, in ms. */
#define HOP_FEEL_MS 20000

/*
 * Sees what the kernel tells of its ssh and of its connection: whether it is stalled, or not any more; and
 * whether an ssh that is on its way up was stopped, which then has not for ever. Returns in how many ms to
 * look again.
 */
uint64_t hop_feel(struct live_hop *hop);

/* The same, for the first who asks in a step of the engine: a thousand forwards may. */
void hop_feel_once(struct live_hop *hop);

/*
 * The same, and asks its ssh whether it answers; a stalled one that another hop carries, whether its host
 * does. It ends nothing: what it finds out is a state, or the reason in `failure`.
 */
void hop_look(struct live_hop *hop);

/* Whether an answer to hop_look() is outstanding. */
bool hop_is_looking(const struct live_hop *hop);

/*
 * Something points at it: asks its host for a sign of life, through the link. Without an answer it is
 * stalled.
 */
void hop_suspect(struct live_hop *hop);

/*
 * It is stalled, and may move again: asks the same, without a deadline. While another ssh is tried beside it, the answer
 * makes it the one that counts.
 */
void hop_ask_for_sign(struct live_hop *hop);

/*
 * Nobody has answered through it in time: it is stalled, unless bytes have come meanwhile. Returns false if its ssh was stopped,
 * which is told instead.
 */
bool hop_note_unheard(struct live_hop *hop);

/*
 * A stalled one gets another by itself (hop_life.h) when nothing has come from it for so long, since the last byte; of
 * one that was stopped, or whose bytes nobody sees, since that was noticed: the last function tells.
 */
#define HOP_ANOTHER_MS 60000
uint64_t hop_silent_since_ms(const struct live_hop *hop);

/* Whether it is stalled because nothing comes: of one that is cut off, bytes say nothing. */
bool hop_is_silent(const struct live_hop *hop);

/* Whether it is clear who is to blame: false while its parent's host is being asked. */
bool hop_is_settled(const struct live_hop *hop);

/*
 * What a tunnel host is to dial only to prove that it is there. No host has this address, and every system says
 * so at once: no firewall can be in the way of that answer, as of one from a port on which nothing listens.
 */
#define HOP_NOWHERE      "255.255.255.255"
#define HOP_NOWHERE_PORT 1

/* Its ServerAliveInterval, in s; 0: none. */
unsigned hop_alive_s(const struct live_hop *hop);

/* How long nothing may come over its TCP connection before it is stalled, in ms; 0: for ever. */
uint64_t hop_silence_ms(const struct live_hop *hop);

/*
 * Whether its chain carries more than keepalives and keystrokes just now, so that what is asked through it may have
 * to wait; *ret_queued: how many bytes are known to stand before it.
 */
bool hop_link_moves(const struct live_hop *hop, uint32_t *ret_queued);

/* Something came from its far end, just now, and so from those of all hops that carry it. */
void hop_heard(struct live_hop *hop);

/*
 * Its ssh was stopped, and is not any more: it moves again, unless it has no way to its far end. Of those that carry it
 * nothing is known by that.
 */
void hop_goes_on(struct live_hop *hop);

/* Nothing comes from its far end: why, as a class of classify.h and in words. A stitched one is only ever stopped. */
void hop_quiet(struct live_hop *hop, const char *code, const char *words);

/* Forgets what it was asked, but for what is to tell that it moves again; and that, too. */
void hop_stop_asking(struct live_hop *hop);
void hop_stop_looking(struct live_hop *hop);

/* Before a hop is blamed whose line went quiet, the host that carries it is asked. */
void hop_doubt_parent(struct live_hop *hop);

/* The reason of a hop whose ssh was stopped by a signal, and whether a hop's is that. */
#define HOP_STOPPED_CODE  "ssh_stopped"
#define HOP_STOPPED_WORDS "its ssh was stopped by a signal"
bool hop_is_told_stopped(const struct live_hop *hop);

#endif
