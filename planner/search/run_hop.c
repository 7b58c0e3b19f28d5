#include "planner/search/change.h"
#include "planner/search/running.h"

/* Returns the label of one hop more to a host from which a way may lead on. */
static struct label step(const struct run *run, const struct label *from, size_t host,
			 enum plan_method method, const struct link *link)
{
	struct label next = label_step(run->goal, from, host, method, link);

	label_look_ahead(&next, horizon_of(&run->horizon, from->passed, from->host), -1);
	label_look_ahead(&next, horizon_of(&run->horizon, next.passed, host), 1);
	next.cost.parts[COST_SHARED] += run->shared && run->shared[host];
	return next;
}

/* Whether one cost is less than another, whatever an earlier alternative has, too. */
static bool is_less(struct cost a, struct cost b)
{
	a.parts[COST_SHARED] = b.parts[COST_SHARED] = 0;
	return cost_compare(&a, &b) < 0;
}

/*
 * Whether a hop leads to where one from an earlier host of the way leads, too, and more cheaply: then
 * all that go on from it are detours (rule 28).
 */
static bool is_detour(const struct run *run, const struct label *next)
{
	const struct layer layer = run_layer(run, next);

	for (const struct label *from = next->parent->parent; from; from = from->parent) {
		const struct stand stand = {from->host, from->client, from->pieces};

		if (!reach_may(run->network_index, from->host, next->host))
			continue;
		for (enum plan_method method = PLAN_NESTED; method <= PLAN_STITCHED; method++) {
			const struct link link = link_try(run->goal, &stand, next->host, method);
			struct label shorter;

			if (!link.open)
				continue;
			shorter = step(run, from, next->host, method, &link);
			if (run_same_layer(run_layer(run, &shorter), layer) &&
			    is_less(shorter.cost, next->cost))
				return true;
		}
	}
	return false;
}

/*
 * Whether all that go on by a hop cost more than the way that ends before it does: then they are detours
 * (rule 28). What they cost at least is asked without what is shared.
 */
static bool is_beyond(const struct run *run, const struct label *next)
{
	struct label bare = *next;

	if (!run->ends)
		return false;
	if (run->bare) {
		label_look_ahead(&bare, horizon_of(&run->horizon, next->passed, next->host), -1);
		label_look_ahead(&bare, horizon_of(run->bare, next->passed, next->host), 1);
	}
	return is_less(run->end, bare.cost);
}

static bool fits(const struct run *run, const struct label *next)
{
	const unsigned most = run->goal->options->max_hops;

	return !most || next->depth + horizon_hops(&run->horizon, next->passed, next->host) <= most;
}

/* Whether a hop can be made, or could be after changes: those are added to the cost. */
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

/* Puts a hop into the queue of which it is asked later whether it can be made, if its turn comes. */
static void push_unasked(struct run *run, struct label *next)
{
	if (label_passes(next->parent, next->host) || is_beyond(run, next))
		return;
	if (run->limit && cost_compare(&next->cost, run->limit) > 0)
		return;
	next->unasked = true;
	run_push(run, next);
}

/* A way leads to a host that it has passed, and not to the state in which it did. */
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

/* Tries a hop by one method. Returns whether it can be made, or is known to be of no use. */
static bool try_hop(struct run *run, const struct label *from, size_t host, enum plan_method method)
{
	const struct stand stand = {from->host, from->client, from->pieces};
	struct link link = {.client = method == PLAN_STITCHED ? from->host : from->client};
	struct label next = step(run, from, host, method, &link);

	if (!fits(run, &next) || run_knows(run, &next))
		return true;
	if (run->every) {
		push_unasked(run, &next);
		return true;
	}
	if (!make_link(run, &stand, host, method, &link, &next.cost))
		return false;
	if (label_passes(from, host)) {
		note_crossing(run, &next);
		return true;
	}
	/* It may have become worse than what is known: changes have their cost. */
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

bool run_ask(struct run *run, const struct label *label)
{
	const struct label *from = label->parent;
	const struct stand stand = {from->host, from->client, from->pieces};

	run->tries++;
	if (link_try(run->goal, &stand, label->host, label->method).open)
		return !is_detour(run, label);
	if (label->method == PLAN_NESTED && may_relay(run, from)) {
		run->ends = false;
		try_hop(run, from, label->host, PLAN_RELAYED);
	}
	return false;
}

/*
 * Whether a client other than that of a layer may be of more use on the way: it has keys that this one
 * has not, or its pieces are joined elsewhere.
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
	if (run->every) {
		if (run->tried[host] == run->expansion)
			return false;
		run->tried[host] = run->expansion;
	}
	nested = try_hop(run, from, host, PLAN_NESTED);
	if (!nested && may_relay(run, from))
		try_hop(run, from, host, PLAN_RELAYED);
	if (run_may_stitch(run, from))
		try_hop(run, from, host, PLAN_STITCHED);
	return nested && !may_stitch_on(run, from);
}
