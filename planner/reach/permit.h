/*
 * Permit: what a host's sshd does for its clients, by the settings that the file states.
 *
 * Compares as sshd does: PermitOpen is text, and "10.20.0.11:22" does not permit "test1:22"
 * (sshd_config(5)). What the file does not state has sshd's own default and is permitted, but for
 * GatewayPorts, which is taken to do what is asked of it.
 */
#ifndef TUNPLAN_PLANNER_REACH_PERMIT_H
#define TUNPLAN_PLANNER_REACH_PERMIT_H

#include "planner/model/plan.h"

/* A set of keywords is a number. */
#define KEYWORD_BIT(keyword) (1u << (keyword))

/* An answer. */
struct permit {
	bool granted;
	enum plan_reason reason; /* when not */
	struct span at;          /* when not: the first setting that refuses */
	unsigned refusing;       /* KEYWORD_BIT()s of all that do */
};

/* Whether sshd dials an address and a port for `ssh -L`, `-D` and `-W` (rule 7). */
struct permit permit_open(const struct host *host, const char *address, uint16_t port);

/* Whether sshd dials anything at all for `ssh -D`, whose users choose where to. */
struct permit permit_open_some(const struct host *host);

/* Whether sshd opens a unix socket for `ssh -L`. */
struct permit permit_open_socket(const struct host *host, const char *path);

/* Whether sshd listens on a numeric address and a port (0: any that is free) for `ssh -R` (rule 16). */
struct permit permit_listen(const struct host *host, const char *address, uint16_t port);

/*
 * Whether GatewayPorts no, which is sshd's default, leaves a numeric address as it is asked for: 127.0.0.1
 * and ::1. Every other one, also of 127.0.0.0/8, becomes these two, and sshd says that all is well.
 */
bool permit_listens_by_default(const char *address);

/* Whether sshd makes a unix socket for `ssh -R`. */
struct permit permit_listen_socket(const struct host *host);

/* Whether sshd runs a program for its client: MaxSessions. */
struct permit permit_session(const struct host *host);

/*
 * Returns a free port of 127.0.0.1 that sshd permits to be dialled (or listened on), where its settings
 * name one; 0 when any may be, or none.
 */
uint16_t permit_loopback_port(const struct host *host, bool listen);

#endif
