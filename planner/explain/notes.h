/*
 * Notes: what a plan assumes because the file does not say it, and what a user should know before
 * bringing the tunnel up.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_NOTES_H
#define TUNPLAN_PLANNER_EXPLAIN_NOTES_H

#include "planner/search/task.h"

/* Adds an assumption, once: a sentence (printf's rules), in arena. */
void notes_assume(struct plan *plan, struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds the assumptions and notes about the hops. */
void notes_hops(struct plan *plan, struct arena *arena);

/* Adds a note for each option of the tunnel that this version does not support. */
void notes_options(struct plan *plan, const struct tunnel_options *options, struct arena *arena);

/*
 * Adds the assumptions and notes about a forward of the tunnel, whose exposure is in the plan
 * already and whose last piece is plan->forwards[last].
 */
void notes_forward(struct plan *plan, const struct task *task, size_t last, struct arena *arena);

#endif
