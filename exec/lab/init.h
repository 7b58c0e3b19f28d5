/*
 * Init: the lab's first process, pid 1 of its PID namespace.
 *
 * It owns the lab: every process of every host is in its PID namespace, and every namespace is held
 * by one of these processes. So when it ends, for whatever reason, the kernel ends the whole lab
 * and nothing remains. Nothing of a lab ever exists in the machine's own network or mounts.
 */
#ifndef TUNPLAN_EXEC_LAB_INIT_H
#define TUNPLAN_EXEC_LAB_INIT_H

#include "exec/lab/kernel/problem.h"
#include "exec/lab/network/lab.h"

/*
 * Starts the lab's first process, detached from the caller's session and terminal; what it and its
 * hosts write goes to the descriptor log. Returns 0 and the near end of its reports (report.h), or
 * -errno with a sentence in problem. When every node has reported, say so with lab_init_commit();
 * closing the near end without it ends the lab.
 */
int lab_init_start(const struct lab *lab, int log, int *ret_near, struct lab_problem *problem);

/* Tells the lab that it is complete and may live on by itself. Returns 0 or -errno. */
int lab_init_commit(int near);

#endif
