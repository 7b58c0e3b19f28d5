#include "planner/explain/near_miss.h"

#include <string.h>

#include "planner/search/change.h"
#include "planner/search/path_search.h"
#include "planner/search/search.h"

/* How many hosts near the end may be got to by a rule that there is not. */
#define TARGETS_MAX 256

/* More changes than this are no advice. */
#define WEIGHT_MAX 32

/* From so many hosts at most a further near miss is looked for; the nearest from any number. */
#define FURTHER_MAX 1024

/* About what a look back takes for each host. */
#define BYTES_OF_LOOK 16

/* --- where new rules may lead */

struct targets {
	const struct network_index *network_index;
	bool *known; /* by host */
	uint32_t *hosts;
	size_t count;
};

static void add_target(struct targets *targets, size_t host)
{
	if (host == TOPOLOGY_NONE || targets->known[host] || targets->count == TARGETS_MAX)
		return;
	targets->known[host] = true;
	targets->hosts[targets->count++] = (uint32_t)host;
}

static void add_stop(struct targets *targets, const struct stop *stop)
{
	for (size_t i = 0; i < stop->count; i++)
		add_target(targets, stop->hosts[i]);
}

static void add_members(struct targets *targets, size_t vlan)
{
	size_t count;
	const uint32_t *members = id_lists_of(&targets->network_index->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		add_target(targets, members[i]);
}

/* The ends that the tunnel names, whoever is on a VLAN with the egress, and whoever can be the last. */
static struct targets find_targets(const struct goal *goal, struct arena *arena)
{
	const struct topology *topology = goal->network_index->topology;
	struct targets targets = {.network_index = goal->network_index};
	const struct lower_bound_leg *last;
	struct lower_bound bound;
	size_t near = goal->egress.host;

	targets.known = arena_array(arena, topology->host_count, sizeof(*targets.known));
	targets.hosts = arena_array(arena, TARGETS_MAX, sizeof(*targets.hosts));
	add_target(&targets, goal->end);
	add_stop(&targets, &goal->exit);
	for (size_t i = 0; i < goal->via_count; i++)
		add_stop(&targets, &goal->via[i]);
	add_target(&targets, near);
	if (goal->end != TOPOLOGY_NONE)
		near = goal->end;
	for (size_t i = 0; near != TOPOLOGY_NONE && i < topology->hosts[near].interface_count; i++)
		add_members(&targets, topology->hosts[near].interfaces[i].vlan);
	if (goal->egress.outside_vlan != TOPOLOGY_NONE && goal->egress.outside)
		add_members(&targets, goal->egress.outside_vlan);
	if (goal->bound)
		bound = *goal->bound;
	else
		lower_bound_find(&bound, goal, &policy_best, NULL, arena);
	last = &bound.legs[goal->via_count];
	for (size_t h = 0; last->levels && h < topology->host_count; h++)
		if (last->levels[h] && last->costs[last->levels[h] - 1].parts[COST_HOPS] <= 1)
			add_target(&targets, h);
	return targets;
}

/* --- from a label to its changes */

/* Adds changes to a near miss that are not in it yet, with their sentences. */
static void add_changes(const struct goal *goal, const struct needed_changes *needed,
			struct arena *arena, struct plan_near_miss *near_miss)
{
	for (size_t i = 0; i < needed->count; i++) {
		struct plan_change *change;

		if (change_is_among(near_miss->changes, near_miss->change_count,
				    &needed->changes[i]))
			continue;
		change = arena_push(arena, &near_miss->changes, &near_miss->change_count,
				    sizeof(*change));
		*change = needed->changes[i];
		change->what = change_text(goal, change, arena);
	}
}

static struct plan_near_miss make_miss(const struct goal *goal, const struct label *label,
				       struct arena *arena)
{
	const struct plan_path path = label_path(label, arena);
	struct plan_near_miss near_miss = {
		.hosts = path.hosts,
		.count = path.count,
		.to_ingress = goal->kind == GOAL_INGRESS,
		.weight = label->cost.parts[COST_CHANGES],
	};
	struct stand stand = {goal->me, goal->me, 0};
	struct goal_end end;
	struct needed_changes needed;

	for (size_t i = 0; i < path.count; i++) {
		const struct link link = link_try(goal, &stand, path.hosts[i], path.methods[i]);

		needed = change_for_hop(goal, &stand, path.hosts[i], path.methods[i], &link);
		add_changes(goal, &needed, arena, &near_miss);
		stand = (struct stand){path.hosts[i], needed.link.client,
				       stand.pieces + (path.methods[i] == PLAN_STITCHED)};
	}
	needed = change_for_end(goal, path.hosts[path.count - 1], &end);
	add_changes(goal, &needed, arena, &near_miss);
	return near_miss;
}

/* Finds the nearest path for which something would have to change. */
static bool find_nearest(const struct goal *goal, const struct targets *targets,
			 const struct lower_bound *bound, size_t most, struct arena *arena,
			 struct plan_near_miss *ret_miss)
{
	const struct label *label = NULL;
	struct path_search search;
	bool found = false;

	path_search_init(&search, goal, &policy_near_miss);
	search.most = most;
	search.targets = targets->hosts;
	search.target_count = targets->count;
	search.bound = *bound;
	if (!bound->none)
		path_search_start(&search);
	while (!found && (label = path_search_on(&search)) &&
	       label->cost.parts[COST_CHANGES] <= WEIGHT_MAX) {
		*ret_miss = make_miss(goal, label, arena);
		found = ret_miss->change_count > 0;
	}
	path_search_finish(&search);
	return found;
}

static const struct plan_change *hardest(const struct plan_near_miss *near_miss)
{
	const struct plan_change *hardest = &near_miss->changes[0];

	for (size_t i = 1; i < near_miss->change_count; i++)
		if (near_miss->changes[i].weight > hardest->weight)
			hardest = &near_miss->changes[i];
	return hardest;
}

/*
 * Each further one is for those who cannot make the hardest change of those before it. A rule that there
 * is not is one of many that would do, so that what is seen looking back is the same without it; unless
 * the path can end on one host only.
 */
static size_t find_by_changes(const struct goal *goal, struct arena *arena,
			      struct plan_near_miss *near_misses)
{
	struct plan_change rejected[NEAR_MISSES_MAX];
	struct goal further = *goal;
	struct arena scratch = {0};
	struct targets targets;
	struct lower_bound bound = {.none = true};
	bool anew = true;
	size_t count = 0;

	arena_reserve(&scratch, goal->network_index->topology->host_count * BYTES_OF_LOOK);
	targets = find_targets(goal, &scratch);
	further.rejected = rejected;
	/* Beside what is to be changed it does not matter, and many more paths would have to be told apart. */
	further.any_login = true;
	while (count < NEAR_MISSES_MAX) {
		if (anew)
			lower_bound_find(&bound, &further, &policy_near_miss, targets.known,
					 &scratch);
		if (!find_nearest(&further, &targets, &bound, count ? FURTHER_MAX : 0, arena,
				  &near_misses[count]))
			break;
		rejected[count] = *hardest(&near_misses[count]);
		anew = !change_adds_rule(rejected[count].kind) || goal_names_ends(goal);
		further.rejected_count = ++count;
	}
	arena_finish(&scratch);
	return count;
}

/* --- without what the tunnel asks for */

/* One thing that a tunnel may ask for, taken away. */
struct relaxation {
	struct goal goal;
	struct tunnel_options options;
	struct span at;                  /* where it is asked for; no place: not in the file */
	const struct defaults *defaults; /* of which a tunnel has what it does not say itself */
	struct arena *arena;
};

static void relax_begin(struct relaxation *relaxed, const struct goal *goal, struct arena *arena)
{
	*relaxed = (struct relaxation){
		.goal = *goal,
		.options = *goal->options,
		.at = goal->at,
		.defaults = &goal->network_index->topology->defaults,
		.arena = arena,
	};
	relaxed->goal.options = &relaxed->options;
	relaxed->goal.bound = NULL;
}

/*
 * Returns what the reader is told about an option; NULL: nobody asked for it. An option that has the
 * value of the defaults must be dropped there, even if the tunnel repeats it.
 */
static const char *drop(struct relaxation *relaxed, const char *option, bool asked, bool is_default,
			struct span default_at)
{
	if (!asked)
		return NULL;
	if (is_default)
		relaxed->at = default_at;
	return arena_format(relaxed->arena, "drop `%s`%s: without it there is a path", option,
			    is_default ? " from `defaults`" : "");
}

static const char *without_via(struct relaxation *relaxed)
{
	const bool asked = relaxed->goal.via_count > 0;

	relaxed->goal.via_count = 0;
	return drop(relaxed, "via", asked, false, (struct span){0});
}

/* Of one path of two, `exit` says whether `via` is about it (rule 18). */
static const char *without_exit(struct relaxation *relaxed)
{
	struct goal *goal = &relaxed->goal;
	const bool asked = goal->exit.count > 0;
	const bool both =
		goal->kind == GOAL_EGRESS && goal->ingress_host != goal->me && goal->via_count;

	goal->exit.count = 0;
	if (both)
		goal->via_count = 0;
	if (asked && both)
		return "drop `via` and `exit`: without them there is a path";
	return drop(relaxed, "exit", asked, false, (struct span){0});
}

static const char *without_avoid(struct relaxation *relaxed)
{
	const struct defaults *defaults = relaxed->defaults;
	struct tunnel_options *options = &relaxed->options;
	const bool asked = options->avoid_host_count || options->avoid_vlan_count;

	options->avoid_host_count = 0;
	options->avoid_vlan_count = 0;
	relaxed->goal.egress.avoid_vlan_count = 0;
	return drop(relaxed, "avoid", asked, options->avoid_hosts == defaults->tunnel.avoid_hosts,
		    defaults->limits_at.avoid);
}

static const char *without_max_hops(struct relaxation *relaxed)
{
	const struct defaults *defaults = relaxed->defaults;
	const unsigned was = relaxed->options.max_hops;

	relaxed->options.max_hops = 0;
	return drop(relaxed, "max_hops", was > 0, was == defaults->tunnel.max_hops,
		    defaults->limits_at.max_hops);
}

static const char *without_min_trust(struct relaxation *relaxed)
{
	const struct defaults *defaults = relaxed->defaults;
	const uint8_t was = relaxed->options.min_trust;

	relaxed->options.min_trust = TRUST_NONE;
	return drop(relaxed, "min_trust", was > TRUST_NONE, was == defaults->tunnel.min_trust,
		    defaults->limits_at.min_trust);
}

static const char *without_method(struct relaxation *relaxed)
{
	const struct defaults *defaults = relaxed->defaults;
	const uint8_t was = relaxed->options.method;

	relaxed->options.method = METHOD_ANY;
	return drop(relaxed, "method", was != METHOD_ANY, was == defaults->tunnel.method,
		    defaults->limits_at.method);
}

/* Which hosts are taken to be gone is not said in the file. */
static const char *without_without(struct relaxation *relaxed)
{
	const bool asked = relaxed->goal.without_count > 0;

	relaxed->goal.without_count = 0;
	relaxed->at = (struct span){0};
	return asked ? "the hosts excluded by --without are needed" : NULL;
}

/* Each takes one thing away and returns what the reader is told to do; NULL: nobody asked for it. */
static const char *(*const reliefs[])(struct relaxation *relaxed) = {
	without_via,       without_exit,   without_avoid,   without_max_hops,
	without_min_trust, without_method, without_without,
};

/* Whether a path to the other goal needs what is taken away: `method` allows for logins. */
static bool breaks(const struct relaxation *relaxed, const struct goal *other)
{
	struct goal without;
	struct plan_path path;

	if (!other || search_best(other, relaxed->arena, &path) != SEARCH_FOUND)
		return false;
	without = *other;
	without.options = &relaxed->options;
	without.bound = NULL;
	return search_best(&without, relaxed->arena, &path) != SEARCH_FOUND;
}

static size_t find_by_reliefs(const struct goal *goal, const struct goal *other,
			      struct arena *arena, struct plan_near_miss *near_misses)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(reliefs) / sizeof(reliefs[0]) && count < NEAR_MISSES_MAX;
	     i++) {
		struct relaxation relaxed;
		struct plan_path path;
		struct plan_near_miss *near_miss = &near_misses[count];
		const char *what;

		relax_begin(&relaxed, goal, arena);
		what = reliefs[i](&relaxed);
		if (!what || search_best(&relaxed.goal, arena, &path) != SEARCH_FOUND ||
		    breaks(&relaxed, other))
			continue;
		*near_miss = (struct plan_near_miss){
			.hosts = path.hosts,
			.count = path.count,
			.to_ingress = goal->kind == GOAL_INGRESS,
			.changes = arena_alloc(arena, sizeof(*near_miss->changes)),
			.change_count = 1,
		};
		near_miss->changes[0] = change_of(CHANGE_CONSTRAINT, REASON_CONSTRAINT, relaxed.at,
						  TOPOLOGY_NONE, TOPOLOGY_NONE);
		near_miss->changes[0].what = what;
		count++;
	}
	return count;
}

size_t near_miss_find(const struct goal *goal, const struct goal *other, struct arena *arena,
		      struct plan_near_miss *ret_misses)
{
	const size_t count = find_by_reliefs(goal, other, arena, ret_misses);

	return count ? count : find_by_changes(goal, arena, ret_misses);
}

void near_miss_add(struct plan_near_miss *near_miss, const struct plan_near_miss *other,
		   struct arena *arena)
{
	for (size_t i = 0; i < other->change_count; i++)
		*(struct plan_change *)arena_push(arena, &near_miss->changes,
						  &near_miss->change_count,
						  sizeof(*near_miss->changes)) = other->changes[i];
	near_miss->weight += other->weight;
}
