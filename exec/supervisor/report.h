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

/* Returns a number that is another when that says another state, or how its egress fares is known by now. */
int report_forward_news(const struct live_tunnel *tunnel, size_t index);

/* Returns an array of names, which are NULL-terminated; empty for NULL. */
json_t *report_names(const char *const *names);

/* {"id","name","file","me","state"} */
json_t *report_identity(const struct live_tunnel *tunnel);

/*
 * {"id","name","file","me","place","state","since_s","next_try_s","remembered","restarts","forwards","hops","error",
 * "without","left_out","history"}
 *
 * remembered: nothing of it runs any more, and the rest is as it was then (failed.h).
 */
json_t *report_tunnel(const struct live_tunnel *tunnel);

/* How old the word of an egress may be, in s, without a word on that in a table. Nobody probes in between. */
#define REPORT_FRESH_S 3600

/*
 * What a table shows of it: {"name","state","since_s","forwards","hops","error","without","left_out"}
 *
 * Nothing in it is null or false: it is left out. So are the hops, if they are those of the tunnel told of before
 * (NULL: none). A hop has "host" to "next_try_s"; a forward "egress" (as endpoint_name() names it), "state",
 * "listen", "verified_s", "inner", "error" and "doubt"; one of which a table has no more to say is the text
 * "LISTEN -> EGRESS".
 */
json_t *report_brief(const struct live_tunnel *tunnel, const struct live_tunnel *before);

/* The listeners that could not be taken away or confirmed: an array of sentences. */
json_t *report_left(const struct live_tunnel *tunnel);

#endif
