/*
 * Policy: what a search looks for: which hops and ends are possible, and at what cost.
 *
 * Four policies go with one search (path_search.h): the best path; the same where the order of
 * `via` leads back and forth; all hosts that can be reached; and near misses, for which the changes
 * that a path needs are the first part of its cost.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_POLICY_H
#define TUNPLAN_PLANNER_SEARCH_POLICY_H

#include "planner/search/link.h"

struct policy {
	/* Whether no path passes a host. */
	bool (*excludes)(const struct goal *goal, size_t host);

	/* Whether a hop is possible. Fills the link, and adds to the cost the weight of changes. */
	bool (*can_hop)(const struct goal *goal, const struct stand *from, size_t host,
			enum plan_method method, struct link *ret_link, struct cost *cost);

	/* Whether a path can end on a host. NULL: no path ends, and every state is visited. */
	bool (*can_end)(const struct goal *goal, size_t host, struct goal_end *ret_end);

	/*
	 * Whether a label stands for another one only if the set of their hosts is the same, too.
	 * Without that, the best path to a state may lead through the host that the rest needs, and
	 * stands in the way of another path.
	 */
	bool exact;

	/* Whether changes count: hops are tried that only a change makes possible. */
	bool changes;
};

extern const struct policy policy_best, policy_exact, policy_reachable, policy_near_miss;

#endif
