/*
 * Place: where in the files something stands, in one word.
 */
#ifndef TUNPLAN_PLANNER_PLACE_H
#define TUNPLAN_PLANNER_PLACE_H

#include "topology/topology.h"

/* Returns "file:line:col" in arena, or NULL for no place. */
const char *place_text(const struct topology *topology, const struct span *at, struct arena *arena);

#endif
