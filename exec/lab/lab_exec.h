/* Lab exec: runs a program on a host of a lab, as the host's user would. */
#ifndef TUNPLAN_EXEC_LAB_LAB_EXEC_H
#define TUNPLAN_EXEC_LAB_LAB_EXEC_H

#include "exec/lab/kernel/problem.h"
#include "exec/lab/kernel/process_id.h"
#include "exec/lab/network/lab.h"

struct lab_exec_target {
	const struct lab *lab;
	const struct lab_node *node;
	struct lab_process_id agent; /* the host's process */
	const char *directory;       /* where the program starts; NULL or gone: the home there */
};

/*
 * Moves the calling process into the host for good, except that its own pid stays outside: only
 * children are inside the lab's processes. For a child that then does one thing. Returns 0;
 * -ESTALE where the machine's files show in place of the host's, so that ssh would use the keys of
 * the machine; or another -errno; each with a sentence.
 */
int lab_exec_enter(const struct lab_exec_target *entry, struct lab_problem *problem);

/*
 * Runs argv on the host, with the caller's terminal and descriptors; signals for the
 * caller reach it. Returns 0 and its exit status in *ret_status, 128 + n if signal n ended it, 127
 * if there is no such program; or -errno with a sentence.
 */
int lab_exec_run(const struct lab_exec_target *entry, char *const *argv, int *ret_status,
		 struct lab_problem *problem);

#endif
