/*
 * Goal: where one path has to lead, and its constraints.
 *
 * A path leads from me to a host that opens the egress, or to the host of an ingress that is
 * elsewhere, or to a host to log in on. A goal answers the two questions that depend on this: may a
 * path pass this host, and can the path end here, and at what cost? Used by search.h, asks reach.h;
 * owns nothing. Rules 9 and 14 to 18 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_GOAL_H
#define TUNPLAN_PLANNER_SEARCH_GOAL_H

#include "planner/model/cost.h"
#include "planner/reach/permit.h"
#include "planner/reach/reach.h"

enum goal_kind { GOAL_EGRESS, GOAL_INGRESS, GOAL_LOGIN };

struct lower_bound;
struct plan_change;

struct goal {
	const struct network_index *network_index;
	size_t me;
	enum goal_kind kind;
	size_t ingress_host; /* its inside does not count as a segment (rule 21) */
	const char *text;    /* the destination in messages: "git-server:7999" */
	struct span at;      /* its place in the file */

	/* Constraints on the path. */
	const char *tunnel; /* its name; ports that tunplan chooses depend on this name */
	size_t forward;     /* and on this number of the forward within the tunnel */
	const struct tunnel_options *options;
	const struct stop *via; /* what to pass, in order */
	size_t via_count;
	struct stop exit; /* the last hop, as the tunnel asks for it */
	const struct joint
		*joints; /* `stitch`: where pieces are joined; for the first forward only */
	size_t joint_count;
	size_t joints_before; /* how many ports for joints another path of the tunnel may have taken */
	const size_t *without; /* hosts to plan without */
	size_t without_count;
	const struct cost *limit; /* paths that cost more are of no use; or NULL */
	bool unattended;          /* nobody can answer a question at login */
	bool stated_only;         /* no path passes a host of which the file states no `ssh` */
	bool any_login;           /* an assumed login costs no more than a stated one */
	const bool *shared;       /* by host: an earlier alternative uses it (rule 29); or NULL */

	/* Changes that nobody is to be advised to make (change.h). */
	const struct plan_change *rejected;
	size_t rejected_count;

	/*
	 * Lower bounds for this goal without shared hosts (lower_bound_find()), or NULL: none were
	 * made.
	 */
	const struct lower_bound *bound;
	bool borrowed; /* they were made for a goal with more paths: they hold, but lead less well */

	/* Where it ends. */
	size_t end;             /* the only host where the path can end, or TOPOLOGY_NONE */
	struct reach_to egress; /* GOAL_EGRESS: what is opened, unless it is one of these */
	const char *socket;     /* a unix path, or NULL */
	bool socks;
	enum service_encryption encrypted; /* the service's own encryption */
	const char *bind;   /* GOAL_INGRESS: a numeric address, or NULL: bind_socket */
	uint16_t bind_port; /* 0: any */
	const char *bind_socket;
};

/* Whether a path can end on a host, and what that adds to its cost. */
struct goal_end {
	bool open;
	enum plan_reason reason; /* when not */
	struct span at;          /* when not: the rule or setting, or no place */
	struct reach dial;       /* GOAL_EGRESS: how the egress is opened from there */
	struct cost cost;        /* when open */
};

static inline const struct host *goal_host(const struct goal *goal, size_t host)
{
	return &goal->network_index->topology->hosts[host];
}

/* Whether the goal names the only hosts on which a path can end. */
static inline bool goal_names_ends(const struct goal *goal)
{
	return goal->end != TOPOLOGY_NONE || goal->exit.count;
}

/* Whether a host is one on which the goal lets a path end, if that is possible at all. */
static inline bool goal_wants_end(const struct goal *goal, size_t host)
{
	return (!goal->exit.count || stop_has(&goal->exit, host)) &&
	       (goal->end == TOPOLOGY_NONE || goal->end == host);
}

/* Asks whether a path that has reached a host can end there. */
struct goal_end goal_end(const struct goal *goal, size_t host);

/*
 * Returns whether the sshd of a host does its part where nothing is dialled: for a unix socket or SOCKS at
 * the egress, or for the listener of an ingress.
 */
struct permit goal_permit(const struct goal *goal, size_t host);

/*
 * Returns how `from` opens the egress: itself, where it is me, or by its sshd. address is NULL for
 * a unix socket and for socks.
 */
struct reach goal_dial(const struct goal *goal, size_t from);

/* Returns what opening the egress from a host leaves in the clear (rule 21); dial is goal_dial()'s. */
struct cost goal_exposure(const struct goal *goal, size_t from, const struct reach *dial);

/* Whether the egress is on a host that opens it, so that `jump: no` does not matter (rule 14). */
bool goal_is_inside(const struct goal *goal, size_t host);

/* Returns what ending on a host costs; dial is goal_dial()'s. */
struct cost goal_end_cost(const struct goal *goal, size_t host, const struct reach *dial);

/*
 * Whether no path may pass a host (rule 9). Sets the reason and its place in the file, unless NULL.
 */
bool goal_excludes(const struct goal *goal, size_t host, enum plan_reason *ret_reason,
		   struct span *ret_at);

#endif
