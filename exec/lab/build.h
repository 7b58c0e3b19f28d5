/* Build: makes a lab and takes it down, on behalf of the user's command. */
#ifndef TUNPLAN_EXEC_LAB_BUILD_H
#define TUNPLAN_EXEC_LAB_BUILD_H

#include "exec/lab/kernel/problem.h"
#include "exec/lab/network/lab.h"
#include "exec/lab/record.h"

/*
 * Finds out who calls and where tunplan is. Returns 0 and fills lab->user and lab->program (in
 * arena), or -errno with a sentence.
 */
int lab_caller(struct lab *lab, struct arena *arena, struct lab_problem *problem);

/*
 * Makes the lab and records it; returns when every listener of it accepts. record is locked, has no
 * living lab, and says from which text the topology was made. Returns 0; -EINTR when the user
 * interrupted it, or another -errno with a sentence. On failure nothing of the lab remains.
 */
int lab_build(const struct lab *lab, struct lab_record *record, struct lab_problem *problem);

/*
 * Ends a recorded lab and waits until all of its processes are gone, then forgets it; one that died
 * is forgotten. record is locked. Returns 0 or -errno with a sentence.
 */
int lab_end(struct lab_record *record, struct lab_problem *problem);

/*
 * Whether this user can make labs on this machine: tries the namespaces and looks for sshd. Returns
 * 0 or -errno with a sentence that says what to do.
 */
int lab_possible(struct lab_problem *problem);

#endif
