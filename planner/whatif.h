/* What-if: hosts that a tunnel cannot do without (rule 30), and places from which it has a path. */
#ifndef TUNPLAN_PLANNER_WHATIF_H
#define TUNPLAN_PLANNER_WHATIF_H

#include "planner/model/request.h"

/*
 * Returns the hosts of a request's plan whose loss would break the tunnel, in the order of the hops
 * (in arena), and sets *ret_count. Hosts where pieces are joined count; the ends of the tunnel do
 * not.
 */
size_t *whatif_spof(const struct plan_request *request, const struct plan *plan,
		    struct arena *arena, size_t *ret_count);

/*
 * Returns the places of the file's topology from which, each alone, the request has a plan (in
 * arena), and sets *ret_count. The request's whereabouts and network_index are ignored.
 */
size_t *whatif_places(const struct plan_request *request, const struct topology *topology,
		      struct arena *arena, size_t *ret_count);

#endif
