/*
 * Request: what the planner is asked, and its answer if there is no plan. Types only.
 *
 * A request names a tunnel and the host that this machine is. A failure lists the hosts that were
 * considered and up to three near misses: the nearest paths that would exist if something changed.
 * The answer in the good case is in plan.h.
 */
#ifndef TUNPLAN_PLANNER_MODEL_REQUEST_H
#define TUNPLAN_PLANNER_MODEL_REQUEST_H

#include "planner/model/plan.h"

struct network_index;

struct plan_request {
	const struct network_index *network_index; /* of the topology at me's present places */
	const struct tunnel *tunnel; /* of the topology, or ad hoc (topology/adhoc.h); a tunnel
					without forwards is a login on its exit */
	size_t me;                   /* host index: which host this machine is */
	struct whereabouts where;    /* at which places me is */
	const size_t *without;       /* hosts to plan without */
	size_t without_count;
	bool stated_only;              /* by logins alone that the file states (`ssh`) */
	const struct plan_fact *facts; /* about the hops of the plan for the same request */
	size_t fact_count;
	size_t alternatives; /* how many further paths are wanted */
	bool unattended;     /* nobody can answer a question at login */
	bool bare;           /* hops and forwards alone are wanted, and no word about them */
};

/* What would have to change for one hop, or for a path to end on a host. */
enum plan_change_kind {
	CHANGE_ADD_PORT,   /* add the port to a rule that allows the connection on others */
	CHANGE_ALLOW,      /* add a rule at the end */
	CHANGE_PRECEDE,    /* add a rule before the one that denies */
	CHANGE_SETTING,    /* change a setting of an sshd */
	CHANGE_STATE_SSH,  /* state the login in the file (`ssh: {}`) */
	CHANGE_KEY,        /* give a host a key for another host */
	CHANGE_JUMP,       /* let a path go through a host (`jump`) */
	CHANGE_LISTEN,     /* let a service listen on one more VLAN */
	CHANGE_ADDRESS,    /* give an interface an address of another family */
	CHANGE_CONSTRAINT, /* drop a constraint of the tunnel */
};

struct plan_change {
	enum plan_change_kind kind;
	enum plan_reason reason; /* the obstacle that the change removes */
	struct span at;          /* the rule or the setting, or no place */
	const char *what;        /* what to do, one line */
	size_t from;             /* host; TOPOLOGY_NONE */
	size_t to;               /* host; TOPOLOGY_NONE outside the file */
	size_t from_vlan;        /* the source's interface; TOPOLOGY_NONE */
	size_t vlan;
	const struct rule *rule; /* CHANGE_ADD_PORT; CHANGE_PRECEDE: the one that denies; or NULL */
	enum sshd_keyword keyword; /* CHANGE_SETTING */
	const char *address;       /* what is dialled or bound */
	uint16_t port;
	int weight;  /* change.h; more is harder */
	bool of_end; /* not for a hop, but for what the exit opens, or where it listens */
};

/* A path that would be complete after some changes. */
struct plan_near_miss {
	size_t *hosts; /* of its hops, first to last */
	size_t count;
	bool to_ingress;
	struct plan_change *changes; /* at least one, in the order of the path */
	size_t change_count;
	int weight; /* of all changes together */
};

/* Why there is no plan. All texts live in the arena that was passed. */
struct plan_failure {
	const char *code;                /* token: "no_path" */
	const char *text;                /* one line */
	const char *to;                  /* the destination: "git-server:7999"; or NULL */
	const char *help;                /* what to do, or NULL */
	struct span at;                  /* the part of the file to blame, or no place */
	struct plan_rejection *rejected; /* hosts that were considered */
	size_t rejected_count;
	struct plan_near_miss *near_misses; /* the nearest first; at most three */
	size_t near_miss_count;
	const struct topology *topology;
	size_t me;                /* host index */
	struct whereabouts where; /* the request's */
};

#endif
