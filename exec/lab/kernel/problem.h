/*
 * Problem: one sentence for the user about what went wrong, with what to do next.
 *
 * The lab is built by several processes; a problem is small and flat so that any of them can send
 * it to the one that talks to the user.
 */
#ifndef TUNPLAN_EXEC_LAB_KERNEL_PROBLEM_H
#define TUNPLAN_EXEC_LAB_KERNEL_PROBLEM_H

struct lab_problem {
	char text[512]; /* one line without a full stop at its end; "" while there is none */
};

/*
 * Sets the sentence (printf's rules, cut to fit; line breaks become spaces) unless there is one
 * already: what went wrong first is what the user should read. Returns error, so that a caller can
 * say and return in one line.
 */
int lab_problem_set(struct lab_problem *problem, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
