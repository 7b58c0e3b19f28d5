/*
 * Probe: tests whether a forward that ssh confirmed really works, from its listener to its egress.
 *
 *   local     the exit dials the egress
 *   dynamic   the exit dials a closed port: that OpenSSH's sshd tried proves that it forwards
 *   remote    the exit dials the listener, at the address that was asked for; then this machine
 *             dials the egress
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
	PROBE_UNLEARNED,     /* it could not be carried out */
	PROBE_NOT_LISTENING, /* nothing listens where ssh said so */
};

/* failure says why for all but PROBE_REACHED; it lives until this returns. The probe is freed. */
typedef void (*probe_done)(void *data, enum probe_outcome outcome, const struct failure *failure);

/* What is probed; all of it must outlive the probe. */
struct probe_target {
	struct incarnation *on;            /* of the exit; up, and held by the caller */
	const struct mux_forward *forward; /* what its master was asked for */
	const char *ingress_host;          /* name of the host that listens */
	const char *ingress_address;       /* an address of its own, or NULL: for wildcards */
	const char *egress_host;           /* name of the host behind, or NULL: outside the file */
	const char *me;                    /* this machine's name */
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
