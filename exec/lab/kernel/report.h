/*
 * Report: messages from the processes of a lab that is being built to the command that the user
 * started.
 *
 * One socket pair; the first process and all hosts share the far end. Each report carries its
 * sender's pid as the receiver sees it: that is how the pids of processes inside the lab become
 * known outside. If the near end closes before it has said that all is well, the lab ends itself.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_REPORT_H
#define TUNPLAN_EXEC_LAB_KERNEL_REPORT_H

#include <signal.h>
#include <stddef.h>
#include <sys/types.h>

#include "exec/lab/kernel/problem.h"

enum lab_report_kind {
	LAB_REPORT_STARTED, /* the lab's first process is there */
	LAB_REPORT_READY,   /* a node is configured and all its listeners accept */
	LAB_REPORT_PROBLEM, /* it cannot be built */
};

struct lab_report {
	enum lab_report_kind kind;
	size_t node;                /* LAB_REPORT_READY: index into network.nodes */
	struct lab_problem problem; /* LAB_REPORT_PROBLEM */
};

/* Makes the pair: [0] is the near end. Returns 0 or -errno. */
int lab_report_open(int ret_ends[2]);

/* Sends from the far end. That nobody listens any more is no error: the lab is about to end. */
void lab_report_send(int far, const struct lab_report *report);

/*
 * Receives at the near end, waiting at most timeout_ms with this signal mask (NULL: the
 * caller's). Returns 1 with a report and the sender's pid,
 * 0 when all senders are gone, or -errno: -ETIMEDOUT, or -EINTR for a signal.
 */
int lab_report_receive(int near, int timeout_ms, const sigset_t *mask,
		       struct lab_report *ret_report, pid_t *ret_pid);

#endif
