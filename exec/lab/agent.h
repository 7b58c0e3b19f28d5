/*
 * Agent: the one process that is a host of the lab (or the lab's router).
 *
 * It holds the host's namespaces, configures them from within, and accepts connections for the
 * host's sshd and services as inetd does. Forked without exec, so that a host costs little memory.
 */
#ifndef TUNPLAN_EXEC_LAB_AGENT_H
#define TUNPLAN_EXEC_LAB_AGENT_H

#include "exec/lab/network/lab.h"

/*
 * Is the process of a node from its fork on: waits until the lab's first process closes the pipe
 * `go` (the links and files are there then), sets itself up, reports on `far` (report.h), and
 * serves until it is killed. pids: per node, its process, once `go` is closed.
 */
_Noreturn void lab_agent_run(const struct lab *lab, size_t node, const pid_t *pids, int go,
			     int far);

#endif
