/*
 * Link: is the hop from one host to the next possible, and how is it carried by the hop before?
 *
 * These answers are all that the search knows of a network. Rules 10 to 14 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_LINK_H
#define TUNPLAN_PLANNER_SEARCH_LINK_H

#include "planner/search/goal.h"

/* The end of an unfinished path: what the next hop depends on. */
struct stand {
	size_t host;   /* me, or the last tunnel host */
	size_t client; /* the host that runs the ssh client of the last hop */
	size_t pieces; /* how many hops of the path are stitched */
};

/* One more hop, or why not. */
struct link {
	bool open;
	enum plan_reason reason; /* when not */
	struct span at;          /* when not: the rule or setting, or no place */
	struct reach reach;      /* how the hop is dialled, or why it cannot be */
	size_t client;           /* the host on which the hop's ssh client runs */
	const struct host_key
		*key;     /* the key with which a client other than me logs in; NULL: assumed */
	enum relay relay; /* of a relayed hop */
};

/* Whether a client can log in to a host (rule 10), and by which of its keys; NULL: assumed. */
bool link_can_login(const struct goal *goal, size_t client, size_t host,
		    const struct host_key **ret_key);

/* Returns the sshd of a host as what is dialled next from a stand. */
struct reach_to link_sshd(const struct goal *goal, const struct stand *from, size_t to);

/*
 * Tries one more hop by a method. Does not ask whether a path may pass the host: goal_excludes().
 */
struct link link_try(const struct goal *goal, const struct stand *from, size_t to,
		     enum plan_method method);

/*
 * Returns the joint between a stitched hop's piece and the piece before it, on the host where the
 * two meet; piece is the number of stitched hops before this one. A joint has a port other than 0,
 * or a path.
 */
struct joint link_joint(const struct goal *goal, size_t host, size_t piece);

#endif
