/*
 * Hop adopt: a hop takes over the ssh processes that it has from a supervisor which is no more (survivor.h), in the place of
 * starting one.
 *
 * The newest that listens counts, and is up; what was on its way beside that is ended. Else the newest that was on its way
 * counts. Older ones drain, or do so already, as among the hop's own.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_ADOPT_H
#define TUNPLAN_EXEC_TUNNEL_HOP_ADOPT_H

#include "exec/tunnel/hop.h"

/* Whether there are any, and what carried them can carry them still. */
bool hop_may_adopt(const struct live_hop *hop);

/*
 * Takes over all of them, with the environment of the newest one. Returns the one that counts, and whether it is up; or NULL:
 * none of them is good for anything.
 */
struct incarnation *hop_adopt(struct live_hop *hop, const struct master_events *events,
			      bool *ret_is_up);

#endif
