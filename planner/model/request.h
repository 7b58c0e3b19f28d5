/*
 * Request: what is asked of the planner, and what it answers where there is no plan.
 *
 * Types only. A request names a tunnel and who asks; a failure has the hosts that were considered and the
 * nearest paths that would be there if something changed. What a plan is, is in plan.h.
 */
#ifndef TUNPLAN_PLANNER_MODEL_REQUEST_H
#define TUNPLAN_PLANNER_MODEL_REQUEST_H

#include "planner/model/plan.h"

struct network_index;

struct plan_request {
	const struct network_index *network_index; /* of the topology as it is from where me is */
	const struct tunnel
		*tunnel;          /* of the topology, or made for the occasion (topology/adhoc.h);
					without forwards it is a login on its exit */
	size_t me;                /* host index: which host this machine is */
	struct whereabouts where; /* at which places me is */
	const size_t *without;    /* hosts that are taken to be gone */
	size_t without_count;
	const struct plan_fact *facts; /* of hosts that me dials itself, as far as they are known */
	size_t fact_count;
	size_t alternatives; /* how many are wanted beside the best way */
	bool unattended;     /* nobody is there to answer a question */
};

/* What would have to change for one hop or end of a way to be made. */
enum plan_change_kind {
	CHANGE_ADD_PORT,   /* a rule that allows all but the port gets it */
	CHANGE_ALLOW,      /* a new rule, before the one that denies, or at the end */
	CHANGE_SETTING,    /* what an sshd refuses is permitted */
	CHANGE_STATE_SSH,  /* the file says that there is a login */
	CHANGE_KEY,        /* a host gets a key for another one */
	CHANGE_JUMP,       /* a host may be passed */
	CHANGE_LISTEN,     /* a service listens on a VLAN, too */
	CHANGE_ADDRESS,    /* an interface gets an address of another family */
	CHANGE_CONSTRAINT, /* the tunnel asks for less */
	CHANGE_PLACE,      /* me is at another place */
};

struct plan_change {
	enum plan_change_kind kind;
	enum plan_reason reason; /* what it is that stands in the way */
	struct span at;          /* the rule or the setting, or no place */
	const char *what;        /* what to do, one line */
	size_t from;             /* host; TOPOLOGY_NONE */
	size_t to;               /* host; TOPOLOGY_NONE outside the file */
	size_t from_vlan;        /* the interfaces that it is about; TOPOLOGY_NONE */
	size_t vlan;
	const struct rule
		*rule; /* CHANGE_ADD_PORT, and CHANGE_ALLOW: the rule that denies, or NULL */
	enum sshd_keyword keyword; /* CHANGE_SETTING */
	const char *address;       /* what is dialled or bound */
	uint16_t port;
	int weight;  /* how much that is (change.h) */
	bool of_end; /* not for a hop: what the last host opens, or where it listens */
};

/* A way that is complete but for some changes. */
struct plan_near_miss {
	size_t *hosts; /* of its hops, first to last */
	size_t count;
	bool to_ingress;
	struct plan_change *changes; /* at least one, in the order of the way */
	size_t change_count;
	int weight; /* how much would have to change */
};

/* Why there is no plan. All texts live in the arena that was passed. */
struct plan_failure {
	const char *code;                /* token: "no_path" */
	const char *text;                /* one line */
	const char *to;                  /* where it was to lead: "git-server:7999"; or NULL */
	const char *help;                /* what to do, or NULL */
	struct span at;                  /* the part of the file that it is about, or no place */
	struct plan_rejection *rejected; /* hosts that were considered */
	size_t rejected_count;
	struct plan_near_miss *near_misses; /* the nearest first; at most three */
	size_t near_miss_count;
	const struct topology *topology;
	size_t me;                /* host index */
	struct whereabouts where; /* the request's */
};

#endif
