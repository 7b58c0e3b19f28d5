/* What-if: hosts that a tunnel cannot do without (rule 30), and places from which it has a path. */
#ifndef TUNPLAN_PLANNER_WHATIF_H
#define TUNPLAN_PLANNER_WHATIF_H

#include "planner/model/request.h"

/* Hosts of a plan, in the order of its hops. */
struct whatif_points {
	size_t *hosts; /* their loss would break the tunnel */
	size_t count;
	size_t *assumed; /* without them only paths are left that need a login which the file does not state */
	size_t assumed_count;
};

/*
 * Returns the points of a request's plan, in arena. Hosts where pieces are joined count; the ends of the tunnel do
 * not. None is `assumed` if the plan needs such a login itself.
 */
struct whatif_points whatif_spof(const struct plan_request *request, const struct plan *plan,
				 struct arena *arena);

/*
 * Returns the places of the file's topology from which, each alone, the request has a plan (in
 * arena), and sets *ret_count. The request's whereabouts and network_index are ignored.
 */
size_t *whatif_places(const struct plan_request *request, const struct topology *topology,
		      struct arena *arena, size_t *ret_count);

#endif
