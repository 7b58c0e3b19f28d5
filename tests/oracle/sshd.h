/*
 * Oracle: what an sshd permits, by rules 7 and 16 of tunplan(7).
 */
#ifndef TUNPLAN_TESTS_ORACLE_SSHD_H
#define TUNPLAN_TESTS_ORACLE_SSHD_H

#include "topology/model/topology.h"

/* Whether an sshd dials at all. */
bool oracle_dials(const struct host *host);

/* Whether it dials that address or name, on that port. */
bool oracle_may_open(const struct host *host, const char *text, uint16_t port);

/* Whether it connects to that socket. */
bool oracle_may_open_socket(const struct host *host, const char *path);

/* Whether a pattern with * and ? is of a text. */
bool oracle_pattern(const char *pattern, const char *text);

/* Whether it listens on that address and port, and nowhere else. */
bool oracle_may_listen(const struct host *host, const char *address, uint16_t port);

/* Whether it listens on sockets. */
bool oracle_may_listen_socket(const struct host *host);

/* Whether a login may run programs there. */
bool oracle_runs_programs(const struct host *host);

#endif
