/*
 * Why: the reason for each host that was considered and is not used, and the words for a request
 * that has no plan.
 *
 * Asks reach.h and ends.h again what the search asked them, host by host; decides nothing.
 */
#ifndef TUNPLAN_PLANNER_WHY_H
#define TUNPLAN_PLANNER_WHY_H

#include "planner/search.h"

/* Rejections that grow, one for a host at most, sorted by why_sort(). */
struct why {
	struct arena *arena;
	struct whereabouts where; /* at which places me is, for the words */
	struct plan_rejection *items;
	size_t count;
};

/*
 * Adds every host but me that cannot serve a forward and is not in used (per host; NULL: none is).
 * Hosts that are in the list already keep their reason.
 */
void why_add(struct why *why, const struct search *search, const bool *used);

/* Sorts by host name, bytewise: the order of the file is no matter. */
void why_sort(struct why *why, const struct topology *topology);

/* Fills the failure of a forward for which there is no chain, when me is there. */
void why_no_path(const struct search *search, const struct whereabouts *where, struct arena *arena,
		 struct plan_failure *ret_failure);

#endif
