/*
 * Ssh argv: the command line of a master, and ssh's words for a listener that it is asked for.
 *
 * The user's ssh_config still says how to reach and log in to a host (HostName, User, IdentityFile,
 * known_hosts…), but it must not change what a master is: a foreground process that holds a control
 * socket and nothing else. A table of options sees to that; it was tested against hostile
 * configurations. What is dialled is what the plan shows: a first hop goes no way but its own, and
 * what is carried has its place from the plan. Pure.
 */
#ifndef TUNPLAN_EXEC_SSH_SSH_ARGV_H
#define TUNPLAN_EXEC_SSH_SSH_ARGV_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/model/plan.h"
#include "topology/base/strbuf.h"

/* What one incarnation of a hop is started with. */
struct ssh_incarnation {
	const char *control_path; /* its control socket, at most 90 bytes */
	const char *parent_path;  /* control socket of the hop that carries it, or NULL */
	const char *program;      /* this program, for the holder that dials through the parent */
	const char *facts;        /* what the user's ssh_config states (ssh_facts.h), or NULL */
	unsigned alive_s;         /* its ServerAliveInterval, whatever is stated, or 0 */
	unsigned alive_count;     /* and its ServerAliveCountMax */
};

/* The ServerAliveInterval where nobody states another. */
#define SSH_ARGV_ALIVE_S 15

/* Returns the argv (NULL-terminated; memory_free_strings() it). */
char **ssh_argv_master(const struct plan_hop *hop, const struct ssh_incarnation *incarnation);

/*
 * Returns whether the file or the user's ssh_config (ssh_facts.h, or NULL) states how long, or how often,
 * the ssh of a hop tries to connect. Where nobody does, a carried hop's ssh tries for ever.
 */
bool ssh_argv_states_timeout(const struct plan_hop *hop, const char *facts);

/*
 * Appends what makes two hops of equal parents the same hop: the place that is dialled, how, and as
 * whom, in lines, with the version of their format in front. It is what the file says of the hop, and
 * nothing of how this version calls ssh: a newer tunplan, or the same elsewhere, finds the same hops.
 */
void ssh_argv_key(const struct plan_hop *hop, struct strbuf *text);

/* Appends the word of a master's argv that says where its control socket is; no other has it. */
void ssh_argv_control(const char *path, struct strbuf *text);

/* Appends a word quoted for a POSIX shell inside an ssh option, where % must be doubled. */
void ssh_argv_quote(const char *word, struct strbuf *text);

/* One listener and where it leads. The texts are the caller's, until the request is done. */
struct mux_forward {
	enum plan_type type;
	const char *bind; /* numeric address that listens; ssh's own default would bind half */
	uint16_t bind_port;
	const char *bind_path; /* a unix socket that listens instead, or NULL */
	const char *target;    /* address or name that is dialled; NULL for SOCKS */
	uint16_t target_port;
	const char *target_path; /* a unix socket that is dialled instead, or NULL */
};

/*
 * Returns ssh's option for a forward and appends the option's argument:
 * "-L", "127.0.0.1:7999:git-server:7999".
 */
const char *ssh_argv_forward(const struct mux_forward *forward, struct strbuf *argument);

#endif
