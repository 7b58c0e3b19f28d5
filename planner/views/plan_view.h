/*
 * Views of a plan: text for people, JSON for programs, plain ssh commands for both.
 *
 * Pure functions of a plan: nothing here decides anything.
 */
#ifndef TUNPLAN_PLANNER_VIEWS_PLAN_VIEW_H
#define TUNPLAN_PLANNER_VIEWS_PLAN_VIEW_H

#include <jansson.h>

#include "planner/model/request.h"
#include "topology/base/strbuf.h"

/* One plain command that does by hand what (a part of) the plan does. */
struct plan_command {
	size_t on;         /* the host on which it is typed */
	const char **argv; /* NULL-terminated; one line by shell_join() */
};

/*
 * Computes the plain ssh commands of a plan, in the order in which they are typed, into arena.
 * Nested: one command on me that carries every forward. -J where the hops need nothing of their
 * own, else nested ProxyCommands (the ssh that -J starts gets none of the outer options).
 */
void plan_commands(const struct plan *plan, struct arena *arena, struct plan_command **ret_commands,
		   size_t *ret_count);

/* Appends what `tunplan plan` prints: chain, why, exposure, assumptions, commands. */
void plan_text(const struct plan *plan, struct strbuf *text);

/* Returns one end of a forward, as all JSON of the program has it; the caller owns the reference. */
json_t *plan_end_json(const struct plan *plan, const struct plan_end *end);

/* Returns the object of `tunplan plan --json`; the caller owns the reference. */
json_t *plan_json(const struct plan *plan);

/* The same two for a request that has no plan. */
void plan_failure_text(const struct topology *topology, const struct plan_failure *failure,
		       struct strbuf *text);
json_t *plan_failure_json(const struct topology *topology, const struct plan_failure *failure);

#endif
