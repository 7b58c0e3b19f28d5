/*
 * Forward: one listener of a tunnel, from the request to an ssh until it is certainly gone again.
 *
 * Its tunnel owns it and calls forward_step() (forward_life.h) from the engine's step. It asks the present
 * incarnation of its hop; when another one has taken over, it closes its listener on the old one
 * and asks again. While it has a listener or a question there it holds the incarnation.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_FORWARD_H
#define TUNPLAN_EXEC_TUNNEL_FORWARD_H

#include "exec/ssh/dial.h"
#include "exec/ssh/lookup.h"
#include "exec/tunnel/classify.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/probe.h"

struct forward_names {
	const char *key;     /* for the port memory: unique to the forward, the same next time */
	const char *file;    /* of its tunnel */
	const char *tunnel;  /* the tunnel's name */
	const char *ingress; /* name of the host that listens */
	/* Numeric ones by which others know that host, IPv4 and IPv6; or NULL. */
	const char *addresses[2];
	bool from_me;       /* this machine reaches the ingress there */
	const char *egress; /* name of the host behind, or NULL */
	const char *me;     /* name of this machine */
	const char
		*private; /* path for a socket of ours, while a path on the exit is looked at, or NULL */
	const char *joint; /* path of the socket that joins two paths on me, or NULL */
};

struct live_forward {
	struct engine *engine;
	struct live_hop *hop;            /* the exit of its chain */
	const struct plan_forward *plan; /* in the snapshot that the tunnel holds */
	size_t index;                    /* in the tunnel */
	struct forward_names names;      /* in the tunnel's arena */
	struct mux_forward mux;          /* what the ssh was asked for */
	enum forward_state state;
	struct failure failure;       /* why it is silent, unproven or failed */
	struct incarnation *on;       /* the ssh that it deals with; held, or NULL */
	struct lookup *lookup;        /* of the name of an own end, or NULL */
	char *target;                 /* its address, once it is known */
	struct link_request *request; /* ssh's answer to a request is outstanding */
	unsigned
		announced; /* generation of the ssh of which it is written down that it is asked; 0: none */
	uint16_t announced_port; /* and for which port */
	uint64_t
		announced_after; /* engine.recorded then: it is written down as soon as that is another */
	bool announces; /* that, or that somebody leaves its place, is awaited; then it asks */
	bool inherited; /* its ssh had it already when it was asked: by another supervisor */
	bool awaits;    /* and counted among the unanswered of `on` */
	bool confirmed; /* its ssh said that it listens, and that is yet to be seen */
	bool bound;     /* an ssh confirmed the listener, or may have it, ever */
	bool listens;   /* and it was not cancelled since */
	bool stuck;     /* its ssh does not close it: it goes with the process */
	bool kept;      /* its server does not, or does not show it: it goes with the connection */
	bool is_listed; /* it is in the engine's list of listeners */
	bool is_probed; /* a probe ended before the listener was confirmed, with `result` */
	bool reprobed;  /* by itself, since it was learned last whether the egress answers */
	bool proved;    /* its listener: ours, where it was asked for, and nowhere else */
	unsigned asked; /* generation of the incarnation that was asked last; 0: none */
	bool leaving;   /* an older ssh was told to close it, and has not answered */
	bool chosen;    /* an ssh listened there: from then on `auto` means that port */
	bool is_due;    /* the time is over until it is asked for again */
	unsigned listened;   /* generation of the one that said last that it listens */
	unsigned knocked;    /* of the one by which its port was dialled to free it */
	struct delay *again; /* until it is asked for again; made when it is needed first */
	uint64_t again_ms;   /* monotonic: when that is */
	struct retry retry;  /* how often it was refused since it listened, or an `up` asked */
	unsigned attempt;    /* ports tried for `auto`, beyond the first */
	unsigned opened;     /* connections that reached the egress, at the last look */
	unsigned opened_all; /* those of all on its ssh, then */
	unsigned refused;    /* those that did not reach it */
	unsigned refused_all;
	uint64_t learned_ms;              /* when that was, monotonic */
	uint64_t file_device, file_inode; /* of the socket that its ssh made here; 0: not seen */
	uint32_t socket_inode;            /* of the port where `on` was seen to listen (owner.h) */
	const char *lost;                 /* class of why an ssh that may have it ended, or NULL */
	struct probe *probe;              /* under way, or NULL */
	struct probe_result result;       /* its texts are copies */
	struct failure doubt;             /* why it is not `proved`, if anything was in the way */
	uint64_t listened_ms; /* it was seen to listen, the last time that it began to */
	uint64_t probe_started_ms;
	uint64_t probe_took_ms;     /* the last one that reached the egress */
	uint64_t reached_ms;        /* monotonic: and when that was; 0: never */
	struct link_request *check; /* at the end: does the listener still answer? one of the two */
	struct dial *look;
	void (*checked)(struct live_forward *forward); /* the check is over */
	char *left; /* what could not be taken away or confirmed, or NULL */
};

/* Makes it wait for its hop. */
void forward_init(struct live_forward *forward, struct engine *engine, struct live_hop *hop,
		  const struct plan_forward *plan, const struct forward_names *names, size_t index);

/* Frees what it holds, and lets go of whatever it waits for. */
void forward_finish(struct live_forward *forward);

/* The one place where a forward changes its state. */
void forward_apply(struct live_forward *forward, enum forward_event event);

/* Returns its listener as what trouble is about. Texts are the forward's. */
struct ssh_fault_subject forward_subject(const struct live_forward *forward);

/* It failed, for a reason that is a fault of classify.h with ssh's words or ours. */
void forward_refuse(struct live_forward *forward, const struct ssh_fault *fault, const char *words);

/* It is about to be refused, for the reason that is in `failure`: that counts for when it is asked for again. */
void forward_note_refused(struct live_forward *forward);

/* The same as forward_refuse() for one that waits for a dead session of ours, or for an ssh that is about to end, to let go of its port. */
void forward_hold(struct live_forward *forward, const char *code, const char *words);

/* Returns in how many ms it is asked for again, or -1: that is not planned. */
int64_t forward_next_try_ms(const struct live_forward *forward);

/* It is asked for again when that is due; and not any more. */
void forward_come_back(struct live_forward *forward);

/* It is due now, whether or not that was planned yet. */
void forward_end_wait(struct live_forward *forward);
void forward_stay_away(struct live_forward *forward);

/* The ssh that it dealt with is none of its business any more. */
void forward_let_go(struct live_forward *forward);

/* Nobody waits any more for what the ssh says to the request, or for a probe; the first drops the request, too. */
void forward_drop_request(struct live_forward *forward);
void forward_forget_request(struct live_forward *forward);
void forward_cancel_probe(struct live_forward *forward);

/*
 * Whether it is a part of a stitched hop: it is there when that is up, and goes with it. Neither end of it is here.
 */
bool forward_is_stitched(const struct live_forward *forward);

/* Whether the kernel here can tell whose its listener is; and whether that is a socket with a path here. */
bool forward_listens_here(const struct live_forward *forward);
bool forward_has_path_here(const struct live_forward *forward);

/*
 * How the egress fares: "reached", "silent", "unproven", "unprobed"; NULL: that is being found out. And the listener:
 * "proved", "unproven", "narrowed", "widened", "none".
 */
const char *forward_egress_state(const struct live_forward *forward);
const char *forward_listener_state(const struct live_forward *forward);

/* Whether there is anything to probe: its egress, or where it listens on the exit. */
bool forward_is_probed(const struct live_forward *forward);

/* Returns the port of its ingress; of an `auto` one, the next to be tried. */
uint16_t forward_port_to_try(const struct live_forward *forward);

#endif
