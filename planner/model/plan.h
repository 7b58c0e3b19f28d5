/*
 * Plan: how one tunnel is built: its hops and forwards, who can read the traffic, and why.
 *
 * The planner hands a plan to everyone: the supervisor brings it up, the views draw and explain it,
 * JSON prints it. So what is drawn is what runs.
 *
 * A plan lives in one arena, refers to the topology that it was made from (which must outlive it),
 * and is const once made. Its hops stand in the order in which they are built.
 */
#ifndef TUNPLAN_PLANNER_MODEL_PLAN_H
#define TUNPLAN_PLANNER_MODEL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/model/cost.h"
#include "topology/model/places.h"

/* ssh -L, -R, -D, and -R with SOCKS instead of a target. The names are plan_type_name()'s. */
enum plan_type { PLAN_LOCAL, PLAN_REMOTE, PLAN_DYNAMIC, PLAN_REMOTE_DYNAMIC };

/* How a hop is carried by the previous one (rules 11 and 12). */
enum plan_method { PLAN_NESTED, PLAN_RELAYED, PLAN_STITCHED };

/* What an ssh_config may say that makes a typed command something else than it looks. */
enum plan_trap {
	PLAN_TRAP_CONTROL = 1 << 0, /* ControlPath: another ssh is used, or one is left behind */
	PLAN_TRAP_FORK = 1 << 1,    /* ForkAfterAuthentication: the command returns at once */
	PLAN_TRAP_CLEAR = 1 << 2,   /* ClearAllForwardings: the command's own as well */
	PLAN_TRAP_PASSING = 1 << 3, /* ProxyUseFdpass: no ssh passes a descriptor back */
	PLAN_TRAP_COMMAND = 1 << 4, /* RemoteCommand: none can be given then */
	PLAN_TRAP_STDIN = 1 << 5,   /* StdinNull: nothing passes */
};

/*
 * What a command typed on me has to say so that the user's ssh_config leads it nowhere else than `up`:
 * only what changes something for this user.
 */
struct plan_guard {
	bool no_proxy;            /* ProxyCommand=none: the ssh_config has a way of its own */
	unsigned traps;           /* bits of enum plan_trap: each is undone where it would matter */
	bool hostname;            /* HostName: the ssh_config has another for what is dialled */
	bool port;                /* likewise the port, though it is 22 */
	bool renamed;             /* ssh makes another name of any it is given: it must not dial */
	const char *key_alias;    /* HostKeyAlias, or NULL */
	unsigned alive_s;         /* keepalives that the ssh_config states, or 0: for a script, */
	unsigned alive_count_max; /* which has its own, as `up` has */
};

/* One ssh session. */
struct plan_hop {
	size_t host;    /* the tunnel host: where this session ends */
	size_t from;    /* the host from which it is dialled: me, or the hop before's host */
	size_t client;  /* the host on which its ssh client runs: me, or where it is stitched */
	size_t through; /* index of the hop that carries this one, or TOPOLOGY_NONE for the first */
	unsigned depth; /* how many hops of its ssh client lead to its end: 1 for the first */
	enum plan_method method;
	enum relay relay;     /* PLAN_RELAYED: the program on `from` that dials */
	size_t from_vlan;     /* the VLANs over which it is dialled, on both sides; TOPOLOGY_NONE */
	size_t vlan;          /* inside `from`, where the host is published on it */
	const char *address;  /* what `from` dials: numeric, or a name that it looks up */
	uint16_t port;        /* sshd's port, as it is dialled */
	const char *user;     /* NULL: ssh's own default */
	const char *identity; /* NULL: ssh's own default */
	const char *config;   /* alias in me's ssh_config, or NULL: the ssh client is called with
				 it. The first hop's address is the alias, too; a later one's is
				 dialled by the hop before, which does not know the alias */
	const char *key_alias; /* the name by which its host key is known, or NULL: its address */
	const char *const
		*options; /* "Keyword=value" for the ssh client, NULL-terminated; or NULL */
	struct plan_guard guard;
	bool published;   /* dialled where it is published (`at`) */
	bool assumed;     /* the file does not state `ssh` for this host */
	bool key_assumed; /* stitched: the file does not say that it can log in there */
	bool no_prime;    /* `prime: no`: no session is made after the login */
};

/* What ssh makes of a hop, by the user's ssh_config (ssh -G). */
struct plan_said {
	const char *hostname; /* what it dials, and the name of the host's key */
	uint16_t port;
	const char *user;         /* NULL: nobody else than who calls it */
	const char *key_alias;    /* HostKeyAlias, or NULL */
	const char *family;       /* "inet" or "inet6"; NULL: any */
	const char *bind;         /* BindAddress, or NULL */
	const char *interface;    /* BindInterface, or NULL */
	const char *jump;         /* ProxyJump, or NULL */
	const char *command;      /* ProxyCommand, or NULL */
	unsigned traps;           /* bits of enum plan_trap */
	unsigned alive_s;         /* ServerAliveInterval */
	unsigned alive_count_max; /* ServerAliveCountMax */
};

/* The same for a hop of a plan whose ssh client is me's. */
struct plan_fact {
	size_t hop;
	struct plan_said up;      /* as `up` calls ssh */
	struct plan_said by_hand; /* as somebody calls ssh who types nothing but place and user */
};

/* One end of a forward, as the ssh client or the tunnel host sees it. */
struct plan_end {
	size_t host; /* where the listener is, or where the target is; TOPOLOGY_NONE: no host of the
			file */
	const char
		*address; /* numeric bind, or what the dialling host dials; NULL with socket, socks
				or joint */
	uint16_t port; /* 0 with socket, socks, or an ingress whose port ssh is to choose (auto) */
	const char *socket; /* unix path, or NULL */
	bool socks;         /* egress of a dynamic tunnel */
	bool any_port;      /* ingress `auto` */
	bool joint; /* a unix socket on me that only we may open: whoever builds it names it */
};

/* One listener, and the target of its connections. */
struct plan_forward {
	enum plan_type type;
	struct plan_end ingress;
	struct plan_end egress;
	size_t hop;  /* the hop whose ssh session carries it: the last of its piece */
	size_t of;   /* which forward of the tunnel it is (a part of) */
	size_t join; /* index of the plan's forward whose ingress this egress is; TOPOLOGY_NONE */
	unsigned
		probe_s; /* `probe: DURATION`: seconds from probe to probe while it is up; 0: none */
	bool no_probe;   /* `probe: no`: do not connect to the egress just to see that it answers */
};

/* A stretch that the bytes of a forward cross, from ingress to egress: a VLAN, or inside a host. */
struct plan_segment {
	size_t forward; /* of the tunnel */
	size_t from;    /* host */
	size_t to;   /* host, or TOPOLOGY_NONE for an address outside the file; == from: inside that
			   host */
	size_t vlan; /* crossed VLAN (the destination's side), or TOPOLOGY_NONE inside a host or
			unknown */
	uint8_t trust;            /* enum trust, of what is crossed */
	const char *where;        /* "vlan1", or "inside test-server" */
	const char *encrypted_by; /* "ssh (test-server)", "tls", "ssh", or NULL: in the clear */
	bool own;                 /* encrypted_by the service itself, not by the tunnel */
	bool of_vlan;             /* or, if that as well, by the VLAN */
	bool counts;              /* it is part of the cost when it is in the clear (rule 21) */
	const char *readable_by;  /* "nobody", "root on test-server", "anyone on vlan3" … */
};

/* Who may connect to a listener of the plan. */
struct plan_listener {
	size_t forward;      /* of the plan */
	const char *open_to; /* "programs on you", "whoever reaches 10.1.0.2: hosts on vlan1" … */
	bool loopback;
};

/* Why a host that was considered is not used. Codes are the design's. */
enum plan_reason {
	REASON_RULE_DENY,     /* a rule denies it; at = the rule */
	REASON_DEFAULT_DENY,  /* no rule allows it and no VLAN is shared */
	REASON_FWD_OFF,       /* its sshd forwards nothing; at = the setting */
	REASON_PERMIT_OPEN,   /* its sshd forwards to other places only; at = the setting */
	REASON_NO_SSH,        /* `ssh: none`, or not stated where it has to be */
	REASON_NO_KEY,        /* the host on which the ssh client runs cannot log in there */
	REASON_FAMILY,        /* no address family in common */
	REASON_LOOPBACK_ONLY, /* the service does not listen where it would be dialled */
	REASON_NOT_JUMP,      /* `jump: no`; at = the setting */
	REASON_NOT_HERE,      /* me is on none of its VLANs at this place */
	REASON_NO_LISTEN,     /* its sshd does not listen as asked; at = the setting */
	REASON_CONSTRAINT, /* what the tunnel asks for: via, avoid, exit, max_hops, min_trust… */
	REASONS,
};

struct plan_rejection {
	size_t host;
	enum plan_reason reason;
	struct span at;   /* the rule or setting, or no place */
	const char *text; /* one line: "cannot reach git-server:7999: they share no VLAN and no rule
			     allows it" */
};

/* A path: the tunnel hosts of its hops, first to last, and how each hop is carried. */
struct plan_path {
	size_t *hosts;
	enum plan_method *methods;
	size_t count;
	struct cost cost;
};

/* Whether there is a runner-up to the best path. */
enum plan_next { PLAN_NEXT, PLAN_NO_NEXT, PLAN_NEXT_UNKNOWN };

/* One of the paths that the plan is made of: to an egress, or to an ingress on another host. */
struct plan_route {
	size_t forward; /* of the tunnel; TOPOLOGY_NONE: a login */
	bool to_ingress;
	struct plan_path path;
	struct plan_path *alternatives; /* up to as many as were asked for */
	size_t alternative_count;
	enum plan_next next;        /* whether there is a runner-up */
	struct plan_path runner_up; /* PLAN_NEXT */
	enum cost_part decider;     /* PLAN_NEXT: the first part in which that costs more */
	bool given_up;              /* a search for other paths was given up: there may be more */
	size_t *depends;            /* hosts that every path passes; only with alternatives */
	size_t depends_count;
};

struct plan {
	const struct topology *topology;
	const char *name;         /* the tunnel's */
	size_t me;                /* host index */
	struct whereabouts where; /* at which places me is */
	enum plan_method method;  /* PLAN_STITCHED if some hop is */
	struct plan_hop *hops;    /* at least one */
	size_t hop_count;
	struct plan_forward
		*forwards; /* in the tunnel's order, each with its pieces from its ingress
					  on; none for a login */
	size_t forward_count;
	struct plan_route *routes; /* in the tunnel's order */
	size_t route_count;
	struct plan_segment *exposure;
	size_t exposure_count;
	struct plan_listener *listeners;
	size_t listener_count;
	const char *decided_by; /* which part of the cost chose this path over the next: "exposure",
				   "hops", "names"; "only path" when there is no other; "unknown"
				   when the search for others was given up */
	const char **assumed;   /* sentences: what the file does not say */
	size_t assumed_count;
	const char **notes; /* sentences worth reading: "you reaches web-server directly; …" */
	size_t note_count;
	struct plan_rejection *rejected; /* hosts that were considered and not used */
	size_t rejected_count;
};

/* Returns the JSON token: "local", "remote", "dynamic", "remote_dynamic". */
const char *plan_type_name(enum plan_type type);

/* Returns the JSON token: "nested", "relayed", "stitched". */
const char *plan_method_name(enum plan_method method);

/* Returns the code as it is printed: "RULE_DENY". */
const char *plan_reason_code(enum plan_reason reason);

/*
 * Returns whether another hop carries the hop. What is dialled for it is then what the plan says,
 * whatever the user's ssh_config says; a first hop is dialled by ssh, as the ssh_config says.
 */
bool plan_is_carried(const struct plan_hop *hop);

/*
 * Returns the name that ssh has to be given (HostKeyAlias) for the host key of a hop, in arena, or NULL
 * where ssh uses the right one by itself. alias and hostname are what ssh says of the hop (HostKeyAlias,
 * HostName) by the user's ssh_config, or NULL. Behind the first hop no key is looked up under anything
 * else than the place that is dialled, unless the file names an alias, which may have a name of its own.
 */
const char *plan_key_name(const struct plan_hop *hop, const char *alias, const char *hostname,
			  struct arena *arena);

/*
 * Returns after how many keepalives without an answer the ssh of a hop gives up, if nobody states it:
 * the deeper a hop, the longer may what it sends wait for what others send through the hops before.
 */
unsigned plan_alive_count_max(const struct plan_hop *hop);

/* Returns how many forwards the tunnel has, whatever their number of pieces; 0 for a login. */
size_t plan_tunnel_forwards(const struct plan *plan);

/* Return the piece in which forward number `of` of the tunnel begins, and the one in which it ends. */
const struct plan_forward *plan_first_piece(const struct plan *plan, size_t of);
const struct plan_forward *plan_last_piece(const struct plan *plan, size_t of);

/*
 * Returns the hops of a piece, first to last: from the one that is dialled by the host on which its ssh
 * client runs to that in which it ends.
 */
size_t *plan_piece(const struct plan *plan, size_t hop, struct arena *arena, size_t *ret_count);

/* Returns whether the ssh client of a hop runs on another host than me: the hop is in a stitched piece. */
bool plan_is_stitched(const struct plan *plan, size_t hop);

/* Returns the hop at whose end the ssh client of another one runs, or TOPOLOGY_NONE: that client is me's. */
size_t plan_carrier(const struct plan *plan, size_t hop);

/* Returns the words of the program that dials for a relayed hop, NULL-terminated, in arena. */
const char *const *plan_relay_argv(const struct plan_hop *hop, struct arena *arena);

/* Returns the token of what decided for a route: decided_by. */
const char *plan_decided_by(const struct plan_route *route);

/* Returns the indexes of the hops that lead to a hop, first to last and itself included. */
size_t *plan_chain(const struct plan *plan, size_t hop, struct arena *arena, size_t *ret_count);

#endif
