/*
 * Process id: identifies a process for certain, although the kernel reuses pids.
 *
 * A pid together with the start time of its process is unique.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_PROCESS_ID_H
#define TUNPLAN_EXEC_LAB_KERNEL_PROCESS_ID_H

#include <stdbool.h>
#include <sys/types.h>

/* A process that is known for certain: pids are used again, start times are not. */
struct lab_process_id {
	pid_t pid;           /* 0: none */
	unsigned long start; /* clock ticks from the machine's start to the process's */
};

/* Returns the process as it is now; start is 0 if there is none or it has ended. */
struct lab_process_id lab_process_id_find(pid_t pid);

/* Whether that very process still runs. */
bool lab_process_id_alive(const struct lab_process_id *process);

/* Seconds since the process started. */
double lab_process_id_age_s(const struct lab_process_id *process);

#endif
