/*
 * Permit: what a host's sshd allows its clients, according to the `sshd` settings of the file.
 *
 * Compares as sshd does: PermitOpen is text, so permitting "10.20.0.11:22" does not permit
 * "test1:22" (sshd_config(5)). A setting that the file does not state has sshd's own default,
 * except GatewayPorts, which is assumed to listen as asked.
 */
#ifndef TUNPLAN_PLANNER_REACH_PERMIT_H
#define TUNPLAN_PLANNER_REACH_PERMIT_H

#include "planner/model/plan.h"

/* A set of keywords is a number. */
#define KEYWORD_BIT(keyword) (1u << (keyword))

/* Whether an sshd permits something. */
struct permit {
	bool granted;
	enum plan_reason reason; /* when not */
	struct span at;          /* when not: the first setting that refuses */
	unsigned refusing;       /* KEYWORD_BIT()s of all settings that refuse */
};

/* Whether sshd dials an address and a port for `ssh -L`, `-D` and `-W` (rule 7). */
struct permit permit_open(const struct host *host, const char *address, uint16_t port);

/* Whether sshd dials anything at all for `ssh -D`, whose users choose the destinations. */
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
 * Returns a free port of 127.0.0.1 that sshd permits dialling (or listening on), if its settings
 * name ports; 0 if they permit any port, or none.
 */
uint16_t permit_loopback_port(const struct host *host, bool listen);

#endif
