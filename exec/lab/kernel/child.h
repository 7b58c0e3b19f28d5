/*
 * Child: a program that the lab runs while it is being built (ssh-keygen, nft, git, openssl).
 *
 * Starting and waiting are two calls, so that several programs run side by side. The input is a
 * text given beforehand, and the output is kept for the error message; both are memory files, so
 * nothing blocks on a full pipe.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_CHILD_H
#define TUNPLAN_EXEC_LAB_KERNEL_CHILD_H

#include <stddef.h>
#include <sys/types.h>

#include "exec/lab/kernel/problem.h"

struct lab_child {
	pid_t pid;           /* 0: not started */
	int output;          /* what it writes to stdout and stderr */
	const char *program; /* argv[0], for messages; the caller's */
};

/*
 * Starts the program argv[0] (program.h) with input (may be NULL) as its stdin. Returns 0, or
 * -errno with a sentence in problem.
 */
int lab_child_start(const char *const *argv, const char *input, size_t input_size,
		    struct lab_child *ret_child, struct lab_problem *problem);

/* Waits for its end. Returns 0 if it exited with 0, else -EIO with its first line of output. */
int lab_child_wait(struct lab_child *child, struct lab_problem *problem);

/* Both in one. */
int lab_child_run(const char *const *argv, const char *input, struct lab_problem *problem);

/* Runs the program at path in place of the calling process; exits with 127 where that fails. */
_Noreturn void lab_child_exec(const char *path, const char *const *argv);

#endif
