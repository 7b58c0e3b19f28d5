/*
 * Worse: in what one path of a tunnel is worse than another, for somebody who chose the other one: whether more of it is in
 * the clear, or it passes a host that is trusted less. Longer or dearer is not worse.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_WORSE_H
#define TUNPLAN_PLANNER_EXPLAIN_WORSE_H

#include "planner/model/plan.h"

enum plan_worse { PLAN_NOT_WORSE, PLAN_WORSE_EXPOSURE, PLAN_WORSE_TRUST };

/* Compares two whole plans of one tunnel, of one topology: exposure as their cost does (rule 21 of tunplan(7)). */
enum plan_worse worse_than(const struct plan *plan, const struct plan *other);

/* Returns the trust of the host that is trusted least of those that a plan passes (enum trust). */
uint8_t worse_trust(const struct plan *plan);

#endif
