/*
 * Forward: one listener of a tunnel, from the request to its master until it is certainly gone
 * again.
 *
 * Its tunnel owns it and calls forward_step() from the engine's step; a forward must not be freed
 * while forward_is_busy(). Its hop belongs to the tunnel, too.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_FORWARD_H
#define TUNPLAN_EXEC_TUNNEL_FORWARD_H

#include "exec/ssh/dial.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/probe.h"

struct forward_names {
	const char *key;     /* for the port memory: unique to the forward, the same next time */
	const char *tunnel;  /* the tunnel's name */
	const char *ingress; /* name of the host that listens */
	const char *address; /* a numeric address of that host, or NULL */
	const char *egress;  /* name of the host behind, or NULL */
	const char *me;      /* name of this machine */
	const char *joint;   /* path of the socket that joins two paths on me, or NULL */
};

struct live_forward {
	struct engine *engine;
	struct live_hop *hop;            /* the exit of its chain */
	const struct plan_forward *plan; /* in the snapshot that the tunnel holds */
	size_t index;                    /* in the tunnel */
	struct forward_names names;      /* in the tunnel's arena */
	struct mux_forward mux;          /* what the master was asked for */
	enum forward_state state;
	struct history history;
	struct failure failure; /* why it is silent or failed */
	bool requested;         /* ssh's answer is outstanding */
	bool bound;             /* ssh confirmed the listener, ever */
	bool listens;           /* and it was not cancelled since */
	unsigned attempt;       /* ports tried for `auto`, beyond the first */
	off_t log_from;         /* where the exit's log stood before the request */
	struct probe *probe;
	uint64_t probe_started_ms;
	uint64_t probe_took_ms; /* the last one that reached the egress */
	uint64_t reached_ms;    /* monotonic: and when that was; 0: never */
	struct mux_call *check; /* at the end: does the listener still answer? one of the two */
	struct dial *look;
	void (*checked)(struct live_forward *forward); /* the check is over */
	char *left; /* what could not be taken away or confirmed, or NULL */
};

/* Makes it wait for its hop. */
void forward_init(struct live_forward *forward, struct engine *engine, struct live_hop *hop,
		  const struct plan_forward *plan, const struct forward_names *names, size_t index);

/* Frees what it holds; it must not be busy. */
void forward_finish(struct live_forward *forward);

/* Does what follows from the present states. may_open: nobody else stands in its way any more. */
void forward_step(struct live_forward *forward, bool may_open);

/* Takes the listener away; FORWARD_CLOSED follows. Asking again changes nothing. */
void forward_close(struct live_forward *forward);

/* Probes a listening one again. */
void forward_reprobe(struct live_forward *forward);

/* Whether a callback is outstanding that needs it. */
bool forward_is_busy(const struct live_forward *forward);

#endif
