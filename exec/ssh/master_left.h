/*
 * Master left: how a master is found again that a supervisor has started which is no more.
 *
 * Its command line names its control socket, or the socket of its own on which a holder listens (holder.h), and no other
 * process has that; of one that drains, which has another by then, its number and its start are known. Who listens there is what the kernel says; one that does not listen any more, or not yet, is found among
 * the processes of the user.
 */
#ifndef TUNPLAN_EXEC_SSH_MASTER_LEFT_H
#define TUNPLAN_EXEC_SSH_MASTER_LEFT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What was written down of it. */
struct master_left {
	const char *socket;
	const char *log;
	bool session;   /* it is the holder of one */
	bool was_up;    /* it was known to be */
	bool drains;    /* it was told to listen no longer: then these two are known */
	pid_t pid;      /* else 0 */
	uint64_t start; /* kernel_process.start_ticks */
};

struct master_found {
	pid_t pid;
	int handle;   /* kernel_process_open(), or -ENOSYS where there is nothing of the kind */
	bool listens; /* on its socket */
};

/* Returns 0 if the process runs, and fills *ret_found (master_found_release() it), or -ESRCH. */
int master_left_find(const struct master_left *left, struct master_found *ret_found);

/* Gives the descriptor back. */
void master_found_release(struct master_found *found);

#endif
