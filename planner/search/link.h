/*
 * Link: can the hop from one host to the next be made, and how does it hang together with the hop
 * before?
 *
 * What search.h knows of a network is these answers. Rules 10 to 14 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_LINK_H
#define TUNPLAN_PLANNER_SEARCH_LINK_H

#include "planner/search/goal.h"

/* Where a way has got to. */
struct stand {
	size_t host;   /* me, or the last tunnel host */
	size_t client; /* the host on which the ssh client of its hop runs */
	size_t pieces; /* how many hops of the way are stitched */
};

/* One more hop, or why not. */
struct link {
	bool open;
	enum plan_reason reason;    /* when not */
	struct span at;             /* when not: the rule or setting, or no place */
	struct reach reach;         /* how the hop is dialled, or why it cannot be */
	size_t client;              /* the host on which the hop's ssh client runs */
	const struct host_key *key; /* by which another client than me logs in, or NULL: assumed */
	enum relay relay;           /* of a relayed hop */
};

/* Tries one more hop of a kind. The host itself may be excluded: that is the goal's to say. */
struct link link_try(const struct goal *goal, const struct stand *from, size_t to,
		     enum plan_method method);

/*
 * Returns where the piece that a stitched hop begins is joined to the one before, on the host at which
 * it begins; piece is how many hops before it are stitched. Its port is never 0 unless it has a path.
 */
struct joint link_joint(const struct goal *goal, size_t host, size_t piece);

#endif
