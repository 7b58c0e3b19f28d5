/* Trace: what happens in a run, told to people or summed up, and the end of a run in which a rule is broken. */
#ifndef TUNPLAN_TESTS_SIM_TRACE_H
#define TUNPLAN_TESTS_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

/* The exit status of a run in which a rule was broken. */
#define RULES_BROKEN 3

/* A rule is broken: ends the run, with the rule's name and a sentence. */
_Noreturn void rules_break(const char *rule, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Where rules_break() writes to, as "rule: sentence". */
void rules_report_to(int fd);

/* Tells what happens, if somebody wants to know: people, or who compares the sums of two runs. */
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool trace_is_on(void);
void trace_print(void);
void trace_sum(volatile uint64_t *sum);

#endif
