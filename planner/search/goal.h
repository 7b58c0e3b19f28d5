/*
 * Goal: what one way has to lead to, and what it is held to.
 *
 * A way leads from me to a host that opens the egress, or to the host of an ingress that is elsewhere,
 * or to a host on which one logs in. A goal answers the two questions that only it can: may this host
 * be passed, and can the way end here, and at what cost? Stands between reach.h and search.h; owns
 * nothing. Rules 9 and 14 to 18 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_GOAL_H
#define TUNPLAN_PLANNER_SEARCH_GOAL_H

#include "planner/model/cost.h"
#include "planner/reach/reach.h"

enum goal_kind { GOAL_EGRESS, GOAL_INGRESS, GOAL_LOGIN };

struct horizon;
struct plan_change;

struct goal {
	const struct network_index *network_index;
	size_t me;
	enum goal_kind kind;
	size_t ingress_host; /* where the tunnel is entered: what is inside it counts for nothing */
	const char *text;    /* what it leads to, for sentences: "git-server:7999" */
	struct span at;      /* where that is said */

	/* What the way is held to. */
	const char *tunnel; /* its name, and which of its forwards it is: ports that are free to */
	size_t forward;     /* choose depend on both */
	const struct tunnel_options *options;
	const size_t *via; /* hosts to pass, in order */
	size_t via_count;
	size_t exit;                /* the last hop, as the tunnel asks for it, or TOPOLOGY_NONE */
	const struct joint *joints; /* where its pieces are joined: those of the first forward */
	size_t joint_count;
	const size_t *without; /* hosts that are taken to be gone */
	size_t without_count;
	bool unattended; /* nobody is there to be asked */

	/* Changes that nobody is to be advised to make (change.h). */
	const struct plan_change *rejected;
	size_t rejected_count;

	/* horizon_look()'s, without shared hosts; or NULL: nobody looked. Of this very goal. */
	const struct horizon *horizon;

	/* Where it ends. */
	size_t end;             /* the only host where it can, or TOPOLOGY_NONE */
	struct reach_to egress; /* GOAL_EGRESS: what is opened, unless it is one of these */
	const char *socket;     /* a unix path, or NULL */
	bool socks;
	enum service_encryption encrypted; /* what the service does by itself */
	const char *bind;   /* GOAL_INGRESS: a numeric address, or NULL: bind_socket */
	uint16_t bind_port; /* 0: any */
	const char *bind_socket;
};

/* Whether a way can end on a host, and what that adds to its cost. */
struct goal_end {
	bool open;
	enum plan_reason reason; /* when not */
	struct span at;          /* when not: the rule or setting, or no place */
	struct reach dial;       /* GOAL_EGRESS: how the egress is opened from there */
	struct cost cost;        /* when open */
};

/* Whether no way can end but on one host, that the goal names. */
static inline bool goal_has_one_end(const struct goal *goal)
{
	return goal->end != TOPOLOGY_NONE || goal->exit != TOPOLOGY_NONE;
}

/* Asks whether a way can end on a host that it has got to. */
struct goal_end goal_end(const struct goal *goal, size_t host);

/*
 * Returns how `from` opens the egress: itself, where it is me, or by its sshd. address is NULL for a
 * unix socket and for socks.
 */
struct reach goal_dial(const struct goal *goal, size_t from);

/* Returns the trust of what a connection crosses: where it is routed, that of the less trusted VLAN. */
uint8_t goal_wire_trust(const struct goal *goal, const struct reach *dial);

/* Returns what opening the egress from a host leaves in the clear (rule 21); dial is goal_dial()'s. */
struct cost goal_exposure(const struct goal *goal, size_t from, const struct reach *dial);

/* Whether what is opened from a host is on it, so that it need not let anybody pass (rule 14). */
bool goal_is_inside(const struct goal *goal, size_t host);

/* Returns what ending on a host costs; dial is goal_dial()'s. */
struct cost goal_end_cost(const struct goal *goal, size_t host, const struct reach *dial);

/*
 * Whether no way may pass a host (rule 9). Says why, and where that is said, unless those are NULL.
 */
bool goal_excludes(const struct goal *goal, size_t host, enum plan_reason *ret_reason,
		   struct span *ret_at);

#endif
