/*
 * What-if: the hosts without which a tunnel cannot be (rule 30).
 */
#ifndef TUNPLAN_PLANNER_WHATIF_H
#define TUNPLAN_PLANNER_WHATIF_H

#include "planner/model/request.h"
#include "planner/search/goal.h"

/*
 * Returns the hosts of a way that every way to the goal passes, in its order (in arena), and sets
 * *ret_count. The way is the best one; others are known, too: what one of them does without needs no
 * look.
 */
size_t *whatif_depends(const struct goal *goal, const struct plan_way *way,
		       const struct plan_way *others, size_t other_count, struct arena *arena,
		       size_t *ret_count, bool *ret_given_up);

/*
 * Returns the hosts whose loss breaks a plan that was made for a request: of those that it passes, in
 * the order of its hops (in arena), and sets *ret_count. The ends of the tunnel are not among them (that
 * it needs these is no news), but hosts where pieces are joined are.
 */
size_t *whatif_spof(const struct plan_request *request, const struct plan *plan,
		    struct arena *arena, size_t *ret_count);

/*
 * Returns the places of the topology, which is that of the file, from which alone there is a plan for
 * the request (its whereabouts and its network_index apart), in arena, and sets *ret_count.
 */
size_t *whatif_places(const struct plan_request *request, const struct topology *topology,
		      struct arena *arena, size_t *ret_count);

#endif
