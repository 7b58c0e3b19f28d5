/*
 * Permit: what a host's sshd does for its clients, by the settings that the file states.
 *
 * Compares as sshd does: PermitOpen is text, and "10.20.0.11:22" does not permit "test1:22"
 * (sshd_config(5)). What the file does not state has sshd's own default and is permitted.
 */
#ifndef TUNPLAN_PLANNER_PERMIT_H
#define TUNPLAN_PLANNER_PERMIT_H

#include "planner/plan.h"

/* An answer. */
struct permit {
	bool granted;
	enum plan_reason reason; /* when not: FWD_OFF or PERMIT_OPEN */
	struct span at;          /* when not: the setting */
};

/* Whether sshd dials an address and a port for `ssh -L`, `-D` and `-W`. */
struct permit permit_open(const struct host *host, const char *address, uint16_t port);

/* Whether sshd dials anything at all for `ssh -D`, whose users choose where to. */
struct permit permit_open_some(const struct host *host);

/* Whether sshd opens a unix socket for `ssh -L`. */
struct permit permit_open_socket(const struct host *host, const char *path);

#endif
