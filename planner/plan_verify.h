/*
 * Plan verify: does a plan keep the rules of the network?
 *
 * Goes over a finished plan and asks of every dial, every login and every listener whether the topology
 * lets it be, by its own reading of tunplan(7): it shares no code with what makes plans, tries rules one
 * by one, and knows nothing of what is best. The builds that developers and tests use run it behind
 * every planning (PLAN_VERIFY), so a plan that could not work never gets as far as ssh.
 */
#ifndef TUNPLAN_PLANNER_PLAN_VERIFY_H
#define TUNPLAN_PLANNER_PLAN_VERIFY_H

#include "planner/model/plan.h"

/*
 * Returns NULL if the plan of a tunnel can be realized as the topology stands, and is what the tunnel
 * asks for; else a sentence (in arena) that says what in it cannot be.
 */
const char *plan_verify(const struct plan *plan, const struct tunnel *tunnel, struct arena *arena);

#endif
