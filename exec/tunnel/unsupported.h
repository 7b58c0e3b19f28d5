/*
 * Unsupported: the parts of a plan that this version cannot bring up.
 *
 * The planner knows more kinds of tunnels than the supervisor can drive. The others are planned,
 * shown and exported, but refused here before anything runs.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_UNSUPPORTED_H
#define TUNPLAN_EXEC_TUNNEL_UNSUPPORTED_H

#include "planner/planner.h"

/* Whether the plan can be brought up. If not, fills *ret_failure (code "unsupported"; texts in arena). */
bool unsupported_allows(const struct plan *plan, struct arena *arena,
			struct plan_failure *ret_failure);

#endif
