#include "planner/search/search.h"

#include <string.h>

#include "planner/search/run.h"

/* Returns how a search has ended that has found a label, or none. */
static enum search_end end_of(const struct run *run, bool found)
{
	if (found)
		return SEARCH_FOUND;
	return run->given_up ? SEARCH_GIVEN_UP : SEARCH_NONE;
}

/*
 * Among all ways, where the best one to a state may be one that cannot go on. Those that cost more than a
 * limit (or NULL) are of no use.
 */
static enum search_end search_crossing(const struct goal *goal, const struct horizon *horizon,
				       const struct cost *limit, struct arena *arena,
				       struct plan_way *ret_way)
{
	const struct label *label;
	enum search_end end;
	struct run run;

	run_init(&run, goal);
	run_every(&run);
	run.horizon = *horizon;
	run.limit = limit;
	run_start(&run);
	label = run_on(&run);
	if (label)
		*ret_way = label_way(label, arena);
	end = end_of(&run, label);
	run_finish(&run);
	return end;
}

void search_look(struct goal *goal, struct arena *arena)
{
	struct horizon *horizon = arena_alloc(arena, sizeof(*horizon));

	horizon_look(horizon, goal, NULL, arena);
	goal->horizon = horizon;
}

/* Returns what is seen looking back, without shared hosts. */
static struct horizon look(const struct goal *goal, struct arena *arena)
{
	struct horizon horizon;

	if (goal->horizon)
		return *goal->horizon;
	horizon_look(&horizon, goal, NULL, arena);
	return horizon;
}

enum search_end search_best(const struct goal *goal, struct arena *arena, struct plan_way *ret_way)
{
	const struct label *label = NULL;
	enum search_end end, crossing;
	struct run run;

	run_init(&run, goal);
	run.horizon = look(goal, &run.scratch);
	if (!run.horizon.none) {
		run_start(&run);
		label = run_on(&run);
	}
	end = end_of(&run, label);
	if (label)
		*ret_way = label_way(label, arena);
	if (run.crossed && (!label || cost_compare(&run.crossing, &label->cost) <= 0)) {
		crossing = search_crossing(goal, &run.horizon, label ? &label->cost : NULL, arena,
					   ret_way);
		end = end == SEARCH_FOUND ? end : crossing;
	}
	run_finish(&run);
	return end;
}

/* --- beside the best */

static bool same_hosts(const struct plan_way *a, const struct plan_way *b)
{
	return a->count == b->count &&
	       memcmp(a->hosts, b->hosts, a->count * sizeof(*a->hosts)) == 0;
}

/* Whether hosts can be left out of a way so that what is left costs less (rule 28). */
static bool has_shortcut(const struct goal *goal, const struct plan_way *way, struct arena *scratch)
{
	size_t *hosts = arena_array(scratch, way->count, sizeof(*hosts));
	struct plan_way shorter;
	struct cost cost = way->cost;

	cost.parts[COST_SHARED] = 0;
	for (size_t first = 0; first < way->count; first++) {
		for (size_t behind = first + 1; behind <= way->count; behind++) {
			const size_t rest = way->count - behind;

			memcpy(hosts, way->hosts, first * sizeof(*hosts));
			memcpy(hosts + first, way->hosts + behind, rest * sizeof(*hosts));
			if (search_fixed(goal, hosts, first + rest, scratch, &shorter) &&
			    cost_compare(&shorter.cost, &cost) < 0)
				return true;
		}
	}
	return false;
}

static bool is_new(const struct plan_way *way, const struct plan_way *best,
		   const struct plan_way *ways, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (same_hosts(way, &ways[i]))
			return false;
	return !same_hosts(way, best);
}

/* Runs on to the next way that is no detour and not among those that are known. */
static bool next_alternative(struct run *run, const struct plan_way *best,
			     const struct plan_way *known, size_t count, struct arena *arena,
			     struct plan_way *ret_way)
{
	const struct label *label;

	while ((label = run_on(run))) {
		const struct plan_way way = label_way(label, arena);

		if (!is_new(&way, best, known, count) ||
		    has_shortcut(run->goal, &way, &run->scratch))
			continue;
		*ret_way = way;
		ret_way->cost.parts[COST_SHARED] = 0;
		return true;
	}
	return false;
}

static void share(const struct plan_way *way, bool *shared)
{
	for (size_t i = 0; i < way->count; i++)
		shared[way->hosts[i]] = true;
}

enum search_end search_next(const struct goal *goal, const struct plan_way *best,
			    struct arena *arena, struct plan_way *ret_way)
{
	struct run run;
	enum search_end end;

	run_init(&run, goal);
	run_every(&run);
	run.horizon = look(goal, &run.scratch);
	run_start(&run);
	end = end_of(&run, next_alternative(&run, best, NULL, 0, arena, ret_way));
	run_finish(&run);
	return end;
}

enum search_end search_alternatives(const struct goal *goal, const struct plan_way *best,
				    size_t most, struct arena *arena, struct plan_way *ret_ways,
				    size_t *ret_count)
{
	bool *shared =
		arena_array(arena, goal->network_index->topology->host_count, sizeof(*shared));
	struct arena scratch = {0};
	const struct horizon bare = look(goal, &scratch);
	size_t count = 0;
	enum search_end end = SEARCH_FOUND;

	share(best, shared);
	while (end == SEARCH_FOUND && count < most) {
		struct run run;

		run_init(&run, goal);
		run_every(&run);
		run.shared = shared;
		run.bare = &bare;
		horizon_look(&run.horizon, goal, shared, &run.scratch);
		run_start(&run);
		end = end_of(&run, next_alternative(&run, best, ret_ways, count, arena,
						    &ret_ways[count]));
		run_finish(&run);
		if (end == SEARCH_FOUND)
			share(&ret_ways[count++], shared);
	}
	arena_finish(&scratch);
	*ret_count = count;
	return end;
}

/* --- other questions */

const bool *search_reachable(const struct goal *goal, struct arena *arena)
{
	struct goal anywhere = *goal;
	bool *reachable =
		arena_array(arena, goal->network_index->topology->host_count, sizeof(*reachable));
	const struct label *label;
	struct run run;

	anywhere.via_count = 0;
	anywhere.exit = TOPOLOGY_NONE;
	run_init(&run, &anywhere);
	run.endless = true;
	run_start(&run);
	while ((label = run_next(&run))) {
		reachable[label->host] = label->parent != NULL;
		run_expand(&run, label);
	}
	run_finish(&run);
	return reachable;
}

/* Adds what is new among the ways of one hop more: of those with the same layer the best one stays. */
static void keep_best(struct run *run, struct label *labels, size_t *count,
		      const struct label *next)
{
	const struct layer layer = run_layer(run, next);

	for (size_t i = 0; i < *count; i++) {
		const struct layer other = run_layer(run, &labels[i]);

		if (other.client != layer.client || other.pieces != layer.pieces)
			continue;
		if (label_compare(run->network_index->topology, next, &labels[i]) < 0)
			labels[i] = *next;
		return;
	}
	labels[(*count)++] = *next;
}

/* Makes the ways of one hop more. */
static struct label *step_fixed(struct run *run, const struct label *from, size_t from_count,
				size_t host, size_t *ret_count)
{
	struct label *next = arena_array(&run->scratch, from_count * 3, sizeof(*next));

	*ret_count = 0;
	if (goal_excludes(run->goal, host, NULL, NULL))
		return next;
	for (size_t i = 0; i < from_count; i++) {
		const struct stand stand = {from[i].host, from[i].client, from[i].pieces};
		bool nested = false;

		for (enum plan_method method = PLAN_NESTED; method <= PLAN_STITCHED; method++) {
			struct link link;
			struct label label;

			if (nested && method == PLAN_RELAYED)
				continue;
			link = link_try(run->goal, &stand, host, method);
			nested |= link.open && method == PLAN_NESTED;
			if (!link.open)
				continue;
			label = label_step(run->goal, &from[i], host, method, &link);
			keep_best(run, next, ret_count, &label);
		}
	}
	return next;
}

bool search_fixed(const struct goal *goal, const size_t *hosts, size_t count, struct arena *arena,
		  struct plan_way *ret_way)
{
	const struct label root = label_root(goal), *labels = &root;
	size_t label_count = 1;
	struct goal_end end;
	struct label ended;
	struct run run;
	bool found = count > 0;

	run_init(&run, goal);
	for (size_t i = 0; i < count && label_count; i++)
		labels = step_fixed(&run, labels, label_count, hosts[i], &label_count);
	found = found && label_count && labels[0].passed == goal->via_count;
	if (found) {
		end = goal_end(goal, hosts[count - 1]);
		found = end.open;
	}
	for (size_t i = 1; i < label_count; i++)
		if (label_compare(goal->network_index->topology, &labels[i], &labels[0]) < 0)
			labels = &labels[i];
	if (found) {
		ended = label_end(&labels[0], &end);
		*ret_way = label_way(&ended, arena);
	}
	run_finish(&run);
	return found;
}
