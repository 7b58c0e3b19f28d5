#include "planner/search/policy.h"

#include "planner/search/change.h"

/* --- paths that exist */

static bool excludes(const struct goal *goal, size_t host)
{
	return goal_excludes(goal, host, NULL, NULL);
}

static bool can_hop(const struct goal *goal, const struct stand *from, size_t host,
		    enum plan_method method, struct link *ret_link, struct cost *cost)
{
	(void)cost;
	*ret_link = link_try(goal, from, host, method);
	return ret_link->open;
}

static bool can_end(const struct goal *goal, size_t host, struct goal_end *ret_end)
{
	*ret_end = goal_end(goal, host);
	return ret_end->open;
}

/* --- paths that would exist after changes */

static bool can_hop_changed(const struct goal *goal, const struct stand *from, size_t host,
			    enum plan_method method, struct link *ret_link, struct cost *cost)
{
	struct needed_changes needed;

	*ret_link = link_try(goal, from, host, method);
	if (ret_link->open && !goal_excludes(goal, host, NULL, NULL))
		return true;
	needed = change_for_hop(goal, from, host, method, ret_link);
	*ret_link = needed.link;
	cost->parts[COST_CHANGES] += needed.weight;
	return needed.possible && needed.link.open;
}

static bool can_end_changed(const struct goal *goal, size_t host, struct goal_end *ret_end)
{
	const struct needed_changes needed = change_for_end(goal, host, ret_end);

	ret_end->cost.parts[COST_CHANGES] += needed.weight;
	return needed.possible && ret_end->open;
}

const struct policy policy_best = {excludes, can_hop, can_end, false, false};
const struct policy policy_exact = {excludes, can_hop, can_end, true, false};
const struct policy policy_reachable = {excludes, can_hop, NULL, false, false};
const struct policy policy_near_miss = {change_excludes, can_hop_changed, can_end_changed, false,
					true};
