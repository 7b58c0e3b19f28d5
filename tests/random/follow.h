/* Follows advice: makes the changes of a near miss in a topology that was loaded for this. */
#ifndef TUNPLAN_TESTS_RANDOM_FOLLOW_H
#define TUNPLAN_TESTS_RANDOM_FOLLOW_H

#include "planner/planner.h"
#include "topology/base/arena.h"
#include "topology/model/topology.h"

/* A topology that may be changed, and the text that it is from. */
struct follow {
	struct topology *topology;
	struct tunnel *tunnel;
	const char *text;
	struct arena *arena;
};

/* Makes all changes. New rules come last: the others point at rules by where they are. */
void follow_miss(struct follow *follow, const struct plan_near_miss *near_miss);

#endif
