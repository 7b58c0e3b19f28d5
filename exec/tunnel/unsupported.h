/*
 * Unsupported: what of a plan this version cannot bring up.
 *
 * The planner knows more ways to realize a tunnel than the supervisor drives: what it does not drive is
 * planned, shown and exported, and refused here before anything runs.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_UNSUPPORTED_H
#define TUNPLAN_EXEC_TUNNEL_UNSUPPORTED_H

#include "planner/planner.h"

/* Whether the plan can be brought up. If not, fills *ret_failure (code "unsupported"; texts in arena). */
bool unsupported_allows(const struct plan *plan, struct arena *arena,
			struct plan_failure *ret_failure);

#endif
