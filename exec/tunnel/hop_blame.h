/*
 * Hop blame: finds out why a hop is not up: from the messages of its own ssh, from those of the ssh
 * that carries it (a refused dial shows on the stderr of the hop before), or from what the
 * supervisor saw itself.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_BLAME_H
#define TUNPLAN_EXEC_TUNNEL_HOP_BLAME_H

#include <stdbool.h>

#include "exec/tunnel/hop.h"

/* Sets hop->failure after the ssh of its present incarnation ended by itself. */
void hop_blame_end(struct live_hop *hop);

/* Sets hop->failure: its ssh could not be started, for a reason in the system's words. */
void hop_blame_start(struct live_hop *hop, const char *words);

/*
 * Sets hop->failure if its ssh waits for something of this machine: its agent, or what comes before the connection. Returns
 * whether it does; the other one, whether that is what was set last.
 */
bool hop_blame_own_side(struct live_hop *hop);
bool hop_is_blamed_on_own_side(const struct live_hop *hop);

/*
 * Where the words of the server before leave open why it did not dial, asks it for a closed port of its own. Until that is
 * answered, or given up, hop->cause is set; then the failure is the right one.
 */
void hop_blame_cause(struct live_hop *hop);

/* Sets hop->failure from a class that only we see, with our own words. */
void hop_blame(struct live_hop *hop, const char *code, const char *text);

/* The same for one that is stalled; also says why another ssh, which was tried since, did not get up. Sets hop->stall. */
void hop_blame_quiet(struct live_hop *hop, const char *code, const char *words);

/* Sets hop->idle.rule: by which its far end, or the one before, ends it; server: what is known of that (hop_server()). */
void hop_blame_rule(struct live_hop *hop, const char *code, const char *words, unsigned server);

/*
 * Whether the trouble may just as well be the parent's: the words only say that the line went
 * quiet, so the parent must be asked before anyone is blamed.
 */
bool hop_blame_is_doubtful(const struct live_hop *hop);

#endif
