#include "planner/explain/other_paths.h"

#include <string.h>

#include "planner/model/list.h"
#include "planner/search/search.h"

/*
 * How many searches are made for one path: of a hundred alternatives, the last one could have to lack
 * a host of each of the others in too many ways.
 */
#define ATTEMPTS_MAX 1000

/* The best path without some hosts. */
struct attempt {
	const size_t *without; /* the goal's own, and more, which are sorted */
	size_t count;
	enum search_end end;
	struct plan_path path; /* SEARCH_FOUND */
	bool taken;            /* done with: it was the best one left */
};

/* The attempts for one path. */
struct attempts {
	const struct goal *goal;
	bool all;          /* it matters of each whether there is a path */
	struct cost limit; /* else: what the best path costs that will do */
	bool limited;      /* there is one */
	struct arena *arena;
	struct attempt *items;
	size_t count;
};

/* Returns the first path of a list all of whose hosts are on another path, or NULL. */
static const struct plan_path *first_within(const struct plan_path *path,
					    const struct plan_path *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list_has_all(path->hosts, path->count, list[i].hosts, list[i].count))
			return &list[i];
	return NULL;
}

/* --- one attempt */

/* Returns the hosts that an attempt does without, and one more, sorted behind those of the goal. */
static size_t *with_one_more(const struct attempts *attempts, const struct attempt *attempt,
			     size_t host)
{
	size_t *hosts = arena_array(attempts->arena, attempt->count + 1, sizeof(*hosts));
	size_t at = attempt->count;

	if (at)
		memcpy(hosts, attempt->without, at * sizeof(*hosts));
	for (; at > attempts->goal->without_count && hosts[at - 1] > host; at--)
		hosts[at] = hosts[at - 1];
	hosts[at] = host;
	return hosts;
}

static bool is_only(const struct stop *stop, size_t host)
{
	return stop->count == 1 && stop->hosts[0] == host;
}

/* Whether a goal names a host: no path does without it. */
static bool is_named(const struct goal *goal, size_t host)
{
	bool named = host == goal->end || is_only(&goal->exit, host);

	for (size_t i = 0; i < goal->via_count; i++)
		named |= is_only(&goal->via[i], host);
	return named;
}

static bool was_tried(const struct attempts *attempts, const size_t *without, size_t count)
{
	for (size_t i = 0; i < attempts->count; i++)
		if (attempts->items[i].count == count &&
		    memcmp(attempts->items[i].without, without, count * sizeof(*without)) == 0)
			return true;
	return false;
}

/* The attempt without any more hosts than the goal's own. */
static struct attempt first_attempt(const struct goal *goal)
{
	return (struct attempt){.without = goal->without, .count = goal->without_count};
}

static void add_attempt(struct attempts *attempts, struct attempt attempt)
{
	*(struct attempt *)arena_push(attempts->arena, &attempts->items, &attempts->count,
				      sizeof(attempt)) = attempt;
}

/* With one path to find, each one that is found will do, and what costs more is of no use. */
static void note_limit(struct attempts *attempts, const struct attempt *attempt)
{
	const struct cost *cost = &attempt->path.cost;

	if (attempts->all || attempt->end != SEARCH_FOUND)
		return;
	if (!attempts->limited || cost_compare(cost, &attempts->limit) < 0)
		attempts->limit = *cost;
	attempts->limited = true;
}

/* Whether a path is known that costs no more than the best one, where one path will do. */
static bool is_as_good(const struct attempts *attempts)
{
	return attempts->limited &&
	       cost_compare(&attempts->limit, &attempts->items[0].path.cost) == 0;
}

/* Looks for the best path without the hosts of an attempt and one more. */
static void try_without(struct attempts *attempts, const struct attempt *before, size_t host)
{
	const struct goal *goal = attempts->goal;
	struct attempt attempt = {
		.without = with_one_more(attempts, before, host),
		.count = before->count + 1,
	};
	struct goal without = *goal;

	if (was_tried(attempts, attempt.without, attempt.count) || is_as_good(attempts))
		return;
	without.without = attempt.without;
	without.without_count = attempt.count;
	without.borrowed = true;
	without.limit = attempts->limited ? &attempts->limit : NULL;
	attempt.end = SEARCH_NONE;
	if (!is_named(goal, host))
		attempt.end = search_best(&without, attempts->arena, &attempt.path);
	add_attempt(attempts, attempt);
	note_limit(attempts, &attempt);
}

/* --- the best of them */

/* Takes the attempt with the best path of those that nobody took; NULL: there is none. */
static struct attempt *take_best(const struct attempts *attempts)
{
	const struct topology *topology = attempts->goal->network_index->topology;
	struct attempt *best = NULL;

	for (size_t i = 0; i < attempts->count; i++) {
		struct attempt *attempt = &attempts->items[i];

		if (attempt->taken || attempt->end != SEARCH_FOUND)
			continue;
		if (!best || search_compare(topology, &attempt->path, &best->path) < 0)
			best = attempt;
	}
	if (best)
		best->taken = true;
	return best;
}

static bool was_given_up(const struct attempts *attempts)
{
	for (size_t i = 0; i < attempts->count; i++)
		if (attempts->items[i].end == SEARCH_GIVEN_UP)
			return true;
	return attempts->count > ATTEMPTS_MAX;
}

/*
 * Finds the best path that lacks a host of each of some paths: what has all hosts of one of them is
 * tried again without each of these hosts, the last one first: for it there are most often others as
 * good. No path is missed, since one without more hosts is never better.
 */
static enum search_end find_next(struct attempts *attempts, const struct plan_path *known,
				 size_t count, struct plan_path *ret_path)
{
	struct attempt *best;

	while ((best = take_best(attempts)) && attempts->count <= ATTEMPTS_MAX) {
		const struct attempt before = *best;
		const struct plan_path *within = first_within(&before.path, known, count);

		if (!within) {
			*ret_path = before.path;
			return was_given_up(attempts) ? SEARCH_GIVEN_UP : SEARCH_FOUND;
		}
		for (size_t i = within->count; i-- > 0;)
			try_without(attempts, &before, within->hosts[i]);
	}
	return was_given_up(attempts) ? SEARCH_GIVEN_UP : SEARCH_NONE;
}

/* --- what is asked for */

static void note_runner_up(struct plan_route *route, enum search_end end,
			   const struct plan_path *runner_up)
{
	static const enum plan_next nexts[] = {
		[SEARCH_FOUND] = PLAN_NEXT,
		[SEARCH_NONE] = PLAN_NO_NEXT,
		[SEARCH_GIVEN_UP] = PLAN_NEXT_UNKNOWN,
	};

	route->next = nexts[end];
	if (end != SEARCH_FOUND)
		return;
	route->runner_up = *runner_up;
	route->decider = cost_decider(&route->path.cost, &runner_up->cost);
}

/* The attempts for the runner-up did without each host of the best path, the last one first. */
static void note_dependence(struct plan_route *route, const struct attempts *attempts,
			    struct arena *arena)
{
	route->depends = arena_array(arena, route->path.count, sizeof(*route->depends));
	for (size_t i = attempts->count; i-- > 0;)
		if (attempts->items[i].end == SEARCH_NONE)
			route->depends[route->depends_count++] =
				attempts->items[i].without[attempts->goal->without_count];
}

static void find_alternatives(const struct goal *goal, size_t most, struct arena *arena,
			      struct plan_route *route)
{
	const size_t hosts = goal->network_index->topology->host_count;
	struct plan_path *paths = arena_array(arena, most + 1, sizeof(*paths));
	struct goal apart = *goal;
	bool *shared = arena_array(arena, hosts, sizeof(*shared));
	struct arena scratch = {0};
	enum search_end end = SEARCH_FOUND;

	paths[0] = route->path;
	apart.shared = shared;
	route->alternatives = paths + 1;
	while (end == SEARCH_FOUND && route->alternative_count < most) {
		struct attempts attempts = {.goal = &apart, .arena = arena, .all = true};
		struct attempt first = first_attempt(&apart);
		const struct plan_path *last = &paths[route->alternative_count];
		struct plan_path *next = &route->alternatives[route->alternative_count];

		for (size_t i = 0; i < last->count; i++)
			shared[last->hosts[i]] = true;
		search_look(&apart, &scratch);
		first.end = search_best(&apart, arena, &first.path);
		add_attempt(&attempts, first);
		end = find_next(&attempts, paths, route->alternative_count + 1, next);
		next->cost.parts[COST_SHARED] = 0;
		route->alternative_count += end == SEARCH_FOUND;
	}
	arena_finish(&scratch);
	route->given_up |= end == SEARCH_GIVEN_UP;
}

void other_paths_find(const struct goal *goal, size_t alternatives, struct arena *arena,
		      struct plan_route *route)
{
	struct attempts attempts = {.goal = goal, .arena = arena, .all = alternatives > 0};
	struct attempt first = first_attempt(goal);
	struct plan_path runner_up;
	enum search_end end;

	first.end = SEARCH_FOUND;
	first.path = route->path;
	add_attempt(&attempts, first);
	end = find_next(&attempts, &route->path, 1, &runner_up);
	note_runner_up(route, end, &runner_up);
	if (alternatives == 0)
		return;
	route->given_up = end == SEARCH_GIVEN_UP;
	note_dependence(route, &attempts, arena);
	find_alternatives(goal, alternatives, arena, route);
}
