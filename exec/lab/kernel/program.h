/* Program: the programs of the machine that a lab needs, and what to install if one is missing. */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_PROGRAM_H
#define TUNPLAN_EXEC_LAB_KERNEL_PROGRAM_H

#include "exec/lab/kernel/problem.h"
#include "topology/base/arena.h"

/*
 * Finds a program in the PATH and where servers stand (/usr/sbin, which users often do not have in
 * theirs). Returns 0 and its absolute path in *ret_path (in arena), or -ENOENT with a sentence that
 * names the package.
 */
int lab_program_find(const char *name, struct arena *arena, const char **ret_path,
		     struct lab_problem *problem);

#endif
