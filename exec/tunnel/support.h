/*
 * Support: what of a plan this version can bring up.
 *
 * The planner knows more ways to realize a tunnel than the supervisor drives: what it does not drive is
 * planned, shown and exported, and refused here before anything runs.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_SUPPORT_H
#define TUNPLAN_EXEC_TUNNEL_SUPPORT_H

#include "planner/planner.h"

/* Whether the plan can be brought up. If not, fills *ret_failure (code "unsupported"; texts in arena). */
bool support_plan(const struct plan *plan, struct arena *arena, struct plan_failure *ret_failure);

#endif
