/*
 * Certain: processes that are known for certain, although pids are used again.
 *
 * A pid together with the time at which its process started means one process for ever.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_CERTAIN_H
#define TUNPLAN_EXEC_LAB_KERNEL_CERTAIN_H

#include <stdbool.h>
#include <sys/types.h>

/* A process that is known for certain: pids are used again, start times are not. */
struct lab_process {
	pid_t pid;           /* 0: none */
	unsigned long start; /* clock ticks from the machine's start to the process's */
};

/* Returns the process as it is now; start is 0 if there is none or it has ended. */
struct lab_process lab_process_find(pid_t pid);

/* Whether that very process still runs. */
bool lab_process_alive(const struct lab_process *process);

/* Seconds since the process started. */
double lab_process_age_s(const struct lab_process *process);

#endif
