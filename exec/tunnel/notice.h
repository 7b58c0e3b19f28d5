/*
 * Notice: what follows when this machine's own network has changed, or the machine has woken (changes.h).
 *
 * The connection of each first hop is compared with the way to its far end (way.h): of one that is lost the hop is
 * stalled at once, and of one that may be, its host is asked. Noticing ends nothing: hop_life.h makes another ssh beside
 * a stalled one as soon as there is a way again, and the first of both from which something comes is used. A way that
 * has returned, and waking, end the waits of what is tried again.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_NOTICE_H
#define TUNPLAN_EXEC_TUNNEL_NOTICE_H

#include "exec/tunnel/engine.h"

struct live_hop;

/* Notes what the network is before anything of it changes. */
void notice_begin(struct engine *engine);

/* The network has changed, as far as the kernel tells; or the machine has woken. data: the engine. */
void notice_network(void *data);
void notice_woke(void *data);

/*
 * The hop's present ssh is up: notes by which way its connection goes, if that was found. It is the way that there was
 * when it was made, until somebody looks.
 */
void notice_connection(struct live_hop *hop);

/*
 * The hop's present ssh, which is up, was started by another supervisor, and the network may have changed since: compares its
 * connection with the way that there is.
 */
void notice_taken_over(struct live_hop *hop);

/*
 * Something came over the hop's connection, for which there was no way when somebody looked last. If there still is none,
 * routes are not all that tells where its packets go (a mark, for example), and it is asked from then on.
 */
void notice_heard(struct live_hop *hop);

/* Compares the connection of a stalled hop with the route to its far end once more, and says what is found. */
void notice_again(struct live_hop *hop);

/* The hop did not get up: notes whether there is a way to its far end, if nobody has looked yet. */
void notice_failure(struct live_hop *hop);

#endif
