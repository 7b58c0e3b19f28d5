/*
 * Fault: what is wrong with a text, found by a reader that does not know where in a file the text stands.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_FAULT_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "topology/base/arena.h"

/* What is wrong with a text, ready for diag_error(). */
struct fault {
	const char *code;    /* NULL: nothing is wrong */
	size_t offset;       /* bytes before the offending part */
	size_t length;       /* bytes of the offending part */
	const char *message; /* in the arena, or static */
	const char *help;    /* in the arena, static, or NULL */
};

/* Fills the fault (message printf-formatted) and returns false, for the callers' convenience. */
bool fault_set(struct fault *fault, struct arena *arena, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
