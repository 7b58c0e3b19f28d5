/*
 * Probe: tests whether a forward that ssh confirmed really works, from its listener to its egress.
 *
 *   local     the exit dials the egress
 *   dynamic   the exit dials a closed port: that OpenSSH's sshd tried proves that it forwards
 *   remote    the exit dials the listener, and what comes back makes its ssh dial the egress
 *             (listener_proof.h); else this machine dials the egress
 *
 * Of a stitched hop neither end is here: what its far end cannot be asked to dial stays unproven.
 *
 * Each probe has connections and deadlines of its own. It sends nothing, and closes what it opened.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_PROBE_H
#define TUNPLAN_EXEC_TUNNEL_PROBE_H

#include "exec/tunnel/hop.h"

struct probe;

enum probe_outcome {
	PROBE_REACHED,
	PROBE_SILENT,        /* it listens, but the egress was not reached */
	PROBE_UNLEARNED,     /* it could not be carried out, or proves nothing */
	PROBE_UNASKED,       /* it listens, and the egress was not to be asked */
	PROBE_NOT_LISTENING, /* nothing listens where ssh said so */
};

struct probe_result {
	enum probe_outcome outcome;
	struct failure failure; /* why, if not reached or unasked */
	bool proved;            /* a remote listener: it is where it was to be, and nowhere else */
	struct failure doubt;   /* else why that is not known, if it listens */
};

/* The result lives until this returns. The probe is freed. */
typedef void (*probe_done)(void *data, const struct probe_result *result);

/* What is probed; all of it must outlive the probe. */
struct probe_target {
	struct incarnation *on;            /* of the exit; up, and held by the caller */
	const struct mux_forward *forward; /* what its master was asked for */
	const char *ingress_host;          /* name of the host that listens */
	const char *ingress_addresses[2];  /* by which others know it, IPv4 and IPv6; or NULL */
	const char *private_path; /* for a socket of our own, to look at one of the exit's */
	bool from_me;             /* and this machine reaches the listener there */
	const char *egress_host;  /* name of the host behind, or NULL: outside the file */
	const char *me;           /* this machine's name */
	bool was_proved;          /* by the same ssh, and the listener has not been closed since */
	bool no_egress;           /* the egress is not to be asked */
};

/* Starts a probe; `done` follows from the loop. */
struct probe *probe_start(const struct probe_target *target, probe_done done, void *data);

/* Ends a probe without its `done`. Accepts NULL. */
void probe_cancel(struct probe *probe);

/* Whether a probe of such a forward can only begin when its listener is there. */
bool probe_needs_listener(const struct mux_forward *forward);

/* Returns the address to dial for a bind address: loopback for a wildcard. */
const char *probe_dialled(const char *bind);

#endif
