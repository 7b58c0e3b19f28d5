/*
 * Ends: what one forward of a tunnel asks for, once it is known which host is me.
 *
 * Turns a forward of the topology into its type, its two hosts and the question that the search
 * asks of each host: can a chain end here, and what does this host then dial? Stands between
 * reach.h and search.h; owns nothing, its texts are the arena's that was passed.
 *
 * Planner rules:
 *   6. The ingress is on me: a local tunnel, or a dynamic one when the egress is `socks`. The
 *      ingress is on another host: a remote tunnel; its chain ends on that host and me dials.
 *   7. A local chain ends on a host that can open the egress. It ends on the egress host itself
 *      only if the file states its `ssh`: nobody promised a login there otherwise. A unix socket can
 *      be opened on its own host only. A dynamic chain ends on the host that the egress names. A host
 *      with `jump: no` can be the last one only for what is on itself.
 */
#ifndef TUNPLAN_PLANNER_ENDS_H
#define TUNPLAN_PLANNER_ENDS_H

#include "planner/planner.h"
#include "planner/reach.h"

/* One forward with its hosts resolved. */
struct ends {
	const struct topology *topology;
	const struct tunnel_options *options; /* what the tunnel is held to */
	const struct forward *forward;
	size_t me;
	enum plan_type type;
	size_t ingress;                    /* host */
	size_t egress;                     /* host, or TOPOLOGY_NONE outside the file */
	const struct service *service;     /* what answers there, or NULL: the file does not say */
	const char *socket;                /* the egress's unix path, or NULL */
	uint16_t port;                     /* the egress's; 0 for a unix socket and socks */
	enum service_encryption encrypted; /* what the service does by itself */
	size_t exit;                       /* the chain must end here, or TOPOLOGY_NONE */
	const char *egress_text;           /* "git-server:7999", for sentences */
};

/*
 * Resolves a forward. Returns false and fills *ret_failure when this version cannot plan it, or
 * when me lacks what it names.
 */
bool ends_resolve(const struct topology *topology, const struct tunnel *tunnel,
		  const struct forward *forward, size_t me, struct arena *arena,
		  struct ends *ret_ends, struct plan_failure *ret_failure);

/* Returns what a host dials for the egress. address is NULL for a unix socket and for socks. */
struct reach ends_dial(const struct ends *ends, size_t from);

/* Whether a chain may end on a host that it has reached. */
bool ends_at(const struct ends *ends, size_t host);

/*
 * Whether the forward itself forbids to log in to a host: it is the egress host of a local tunnel
 * and its ssh is not stated.
 */
bool ends_forbids(const struct ends *ends, size_t host);

/* How many segments are in the clear when the chain ends on a host, those at the ends apart. */
unsigned ends_clear(const struct ends *ends, size_t host);

#endif
