/*
 * Pulse: what the kernel tells of a hop's ssh without asking anybody: whether the process was
 * stopped, and, of a first hop, how long ago something last came over its TCP connection and how
 * many bytes have moved. No request and no right is needed. Where the kernel does not tell,
 * nothing is known, and ssh's own keepalive decides.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_PULSE_H
#define TUNPLAN_EXEC_TUNNEL_PULSE_H

#include "exec/system/kernel.h"

/* Whose pulse is taken. */
struct pulse_of {
	pid_t ssh;
	bool has_key;              /* the connection was found */
	bool seen;                 /* while the ssh logged in, which is not up yet */
	struct kernel_tcp_key key; /* and this is the one */
};

struct pulse {
	bool stopped;       /* the process, by a signal */
	bool has_tcp;       /* the three below are known */
	uint32_t silent_ms; /* since the last byte came */
	uint64_t bytes;     /* acknowledged and received, since the connection was made */
	uint32_t queued;    /* bytes that are still to be acknowledged */
};

/* Looks for the connection of an ssh that logs in: the kernel goes through all that it has, while the ssh waits. */
void pulse_foresee(struct pulse_of *of);

/* Begins with an ssh that is up. with_tcp: its connection to the sshd, or its ProxyCommand's, is found. */
void pulse_init(struct pulse_of *of, pid_t ssh, bool with_tcp);

/* Takes the pulse. */
void pulse_take(const struct pulse_of *of, struct pulse *ret_pulse);

/* Whether users are connected to the ssh: false only if the kernel says so. */
bool pulse_has_users(const struct pulse_of *of);

#endif
