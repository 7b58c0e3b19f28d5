/*
 * Report: hops, forwards and tunnels as JSON, the same for progress, results and status.
 *
 * Ages are in seconds (…_s), other times in milliseconds (ms). Each function returns a new reference.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_REPORT_H
#define TUNPLAN_EXEC_SUPERVISOR_REPORT_H

#include <jansson.h>

#include "exec/tunnel/tunnel.h"

/*
 * {"id","through","host","address","port","state","pid","attempt","next_try_s","user","ms","since_s","verified_s","error"}
 *
 * attempt: of one that is not up, how often that was tried in vain; next_try_s: when it is tried next. Both may be null.
 */
json_t *report_hop(const struct live_tunnel *tunnel, size_t index);

/* {"type","ingress","egress","state","listen","verified_s","inner","error","hop","ms"} */
json_t *report_forward(const struct live_tunnel *tunnel, size_t index);

/* {"id","name","file","me","state"} */
json_t *report_identity(const struct live_tunnel *tunnel);

/*
 * {"id","name","file","me","place","state","since_s","next_try_s","remembered","restarts","forwards","hops","error",
 * "history"}
 *
 * remembered: nothing of it runs any more, and the rest is as it was then (failed.h). A brief one has what a
 * table shows: no "place", "restarts" and "history"; of a hop "host" to "next_try_s";
 * of a forward neither "type", "ingress", "hop" nor "ms".
 */
json_t *report_tunnel(const struct live_tunnel *tunnel, bool brief);

/* The listeners that could not be taken away or confirmed: an array of sentences. */
json_t *report_left(const struct live_tunnel *tunnel);

#endif
