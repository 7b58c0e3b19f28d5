/*
 * Plan verify: does a finished plan keep the rules of tunplan(7)?
 *
 * Checks for every dial, login and listener of a plan that the topology permits it. This is an
 * independent reading of the manual: it shares no code with the planner, tries the rules one by
 * one, and does not judge whether a better plan exists. Debug and sanitizer builds (PLAN_VERIFY)
 * run it after every planning, and report a plan that fails as an internal error; release builds
 * leave it out.
 */
#ifndef TUNPLAN_PLANNER_PLAN_VERIFY_H
#define TUNPLAN_PLANNER_PLAN_VERIFY_H

#include "planner/model/plan.h"

/*
 * Returns NULL if the topology permits everything in the plan and the plan is what the tunnel asks
 * for; else a sentence (in arena) that says what is wrong.
 */
const char *plan_verify(const struct plan *plan, const struct tunnel *tunnel, struct arena *arena);

#endif
