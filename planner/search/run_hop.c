#include "planner/search/change.h"
#include "planner/search/running.h"

/* Returns the label of one more hop, to a host from which the path may continue. */
static struct label step(const struct run *run, const struct label *from, size_t host,
			 enum plan_method method, const struct link *link)
{
	struct label next = label_step(run->goal, from, host, method, link);

	label_look_ahead(&next, lower_bound_of(&run->bound, from->passed, from->host), -1);
	label_look_ahead(&next, lower_bound_of(&run->bound, next.passed, host), 1);
	return next;
}

static bool fits(const struct run *run, const struct label *next)
{
	const unsigned most = run->goal->options->max_hops;

	return !most || next->depth <= most;
}

/* Whether a hop is possible, or would be after changes, whose weight is added to the cost. */
static bool make_link(const struct run *run, const struct stand *from, size_t host,
		      enum plan_method method, struct link *ret_link, struct cost *cost)
{
	struct needed_changes needed;

	*ret_link = link_try(run->goal, from, host, method);
	if (!run->mending)
		return ret_link->open;
	if (ret_link->open && !goal_excludes(run->goal, host, NULL, NULL))
		return true;
	needed = change_for_hop(run->goal, from, host, method, ret_link);
	*ret_link = needed.link;
	cost->parts[COST_CHANGES] += needed.weight;
	return needed.possible && needed.link.open;
}

/* Notes that a path was dropped because it passes a host twice, in different states. */
static void note_crossing(struct run *run, const struct label *next)
{
	const struct layer layer = run_layer(run, next);
	const struct label *before = next->parent;

	while (before->host != next->host)
		before = before->parent;
	if (run_same_layer(run_layer(run, before), layer))
		return;
	if (!run->crossed || cost_compare(&next->cost, &run->crossing) < 0)
		run->crossing = next->cost;
	run->crossed = true;
}

/* Tries a hop by one method. Returns whether the hop is possible, or known to be useless. */
static bool try_hop(struct run *run, const struct label *from, size_t host, enum plan_method method)
{
	const struct stand stand = {from->host, from->client, from->pieces};
	struct link link = {.client = method == PLAN_STITCHED ? from->host : from->client};
	struct label next = step(run, from, host, method, &link);

	if (!fits(run, &next) || run_knows(run, &next))
		return true;
	if (run->goal->limit && cost_compare(&next.cost, run->goal->limit) > 0)
		return false;
	run->tries++;
	if (!make_link(run, &stand, host, method, &link, &next.cost))
		return false;
	if (label_passes(from, host)) {
		note_crossing(run, &next);
		return true;
	}
	/* The weight of its changes may have made the label worse than a known one. */
	if (run->mending && run_knows(run, &next))
		return false;
	run_push(run, &next);
	return next.cost.parts[COST_CHANGES] == from->cost.parts[COST_CHANGES];
}

static bool may_relay(const struct run *run, const struct label *from)
{
	return from->parent && run_host_of(run, from)->relay;
}

bool run_may_stitch(const struct run *run, const struct label *from)
{
	const enum tunnel_method method = run->goal->options->method;

	return from->parent && method != METHOD_NESTED &&
	       (method == METHOD_STITCHED || run_host_of(run, from)->key_count);
}

/*
 * Whether another ssh client than the label's may be better for the rest of the path: it may have
 * keys that this one lacks, or its pieces may be joined elsewhere.
 */
static bool may_stitch_on(const struct run *run, const struct label *from)
{
	return run->goal->joint_count ||
	       run->network_index->topology->hosts[from->client].key_count;
}

bool run_relax(struct run *run, const struct label *from, size_t host)
{
	bool nested;

	if (run->mending ? change_excludes(run->goal, host)
			 : goal_excludes(run->goal, host, NULL, NULL))
		return true;
	nested = try_hop(run, from, host, PLAN_NESTED);
	if (!nested && may_relay(run, from))
		try_hop(run, from, host, PLAN_RELAYED);
	if (run_may_stitch(run, from))
		try_hop(run, from, host, PLAN_STITCHED);
	return nested && !may_stitch_on(run, from);
}
