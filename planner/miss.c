#include "planner/miss.h"

#include <string.h>

#include "planner/mend.h"
#include "planner/run.h"
#include "planner/search.h"

/* How many hosts near the end may be got to by a rule that there is not. */
#define TARGETS_MAX 256

/* More changes than this are no advice. */
#define WEIGHT_MAX 32

/* --- where new rules may lead */

struct targets {
	const struct atlas *atlas;
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

static void add_members(struct targets *targets, size_t vlan)
{
	size_t count;
	const uint32_t *members = roll_of(&targets->atlas->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		add_target(targets, members[i]);
}

/* The ends that the tunnel names, whoever is on a VLAN with the egress, and whoever can be the last. */
static void find_targets(struct run *run, struct arena *arena)
{
	const struct goal *goal = run->goal;
	const struct topology *topology = run->atlas->topology;
	struct targets targets = {.atlas = run->atlas};
	struct horizon horizon;
	size_t near = goal->egress.host;

	targets.known = arena_array(arena, topology->host_count, sizeof(*targets.known));
	targets.hosts = arena_array(arena, TARGETS_MAX, sizeof(*targets.hosts));
	add_target(&targets, goal->end);
	add_target(&targets, goal->exit);
	for (size_t i = 0; i < goal->via_count; i++)
		add_target(&targets, goal->via[i]);
	add_target(&targets, near);
	if (goal->end != TOPOLOGY_NONE)
		near = goal->end;
	for (size_t i = 0; near != TOPOLOGY_NONE && i < topology->hosts[near].interface_count; i++)
		add_members(&targets, topology->hosts[near].interfaces[i].vlan);
	if (goal->egress.outside_vlan != TOPOLOGY_NONE && goal->egress.outside)
		add_members(&targets, goal->egress.outside_vlan);
	horizon_look(&horizon, goal, NULL, arena);
	for (size_t h = 0; horizon.bounds && h < topology->host_count; h++)
		if (horizon.bounds[h] && horizon_of(&horizon, h)->parts[COST_HOPS] <= 1)
			add_target(&targets, h);
	run->targets = targets.hosts;
	run->target_count = targets.count;
}

/* --- from a label to its changes */

/* Adds changes to a miss, with their sentences. */
static void add_changes(const struct goal *goal, const struct mends *mends, struct arena *arena,
			struct plan_miss *miss)
{
	for (size_t i = 0; i < mends->count; i++) {
		struct plan_change *change =
			arena_push(arena, &miss->changes, &miss->change_count, sizeof(*change));

		*change = mends->changes[i];
		change->what = mend_text(goal, change, arena);
	}
}

static struct plan_miss make_miss(const struct goal *goal, const struct label *label,
				  struct arena *arena)
{
	const struct plan_way way = label_way(label, arena);
	struct plan_miss miss = {
		.hosts = way.hosts,
		.count = way.count,
		.to_ingress = goal->kind == GOAL_INGRESS,
		.weight = label->cost.parts[COST_CHANGES],
	};
	struct stand stand = {goal->me, goal->me, 0};
	struct goal_end end;
	struct mends mends;

	for (size_t i = 0; i < way.count; i++) {
		mends = mend_hop(goal, &stand, way.hosts[i], way.methods[i]);
		add_changes(goal, &mends, arena, &miss);
		stand = (struct stand){way.hosts[i], mends.link.client,
				       stand.pieces + (way.methods[i] == PLAN_STITCHED)};
	}
	mends = mend_end(goal, way.hosts[way.count - 1], &end);
	add_changes(goal, &mends, arena, &miss);
	return miss;
}

static bool is_list(enum sshd_keyword keyword)
{
	return keyword == SSHD_PERMIT_OPEN || keyword == SSHD_PERMIT_LISTEN;
}

static bool same_change(const struct plan_change *a, const struct plan_change *b)
{
	/* Whatever an sshd is to do, it is one setting. */
	if (a->kind == CHANGE_SETTING && b->kind == CHANGE_SETTING && !is_list(a->keyword))
		return a->from == b->from && a->keyword == b->keyword;
	return a->kind == b->kind && a->from == b->from && a->to == b->to && a->at.at == b->at.at;
}

/* Whether one asks for all that another does: who follows it has the other, too. */
static bool covers(const struct plan_miss *miss, const struct plan_miss *other)
{
	for (size_t i = 0; i < other->change_count; i++) {
		bool found = false;

		for (size_t j = 0; j < miss->change_count && !found; j++)
			found = same_change(&other->changes[i], &miss->changes[j]);
		if (!found)
			return false;
	}
	return true;
}

static bool says_nothing_new(const struct plan_miss *miss, const struct plan_miss *misses,
			     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (covers(miss, &misses[i]))
			return true;
	return false;
}

static size_t find_by_changes(const struct goal *goal, struct arena *arena,
			      struct plan_miss *misses, size_t count)
{
	const struct label *label;
	struct run run;

	run_init(&run, goal);
	run.mending = true;
	find_targets(&run, &run.scratch);
	run_start(&run);
	while (count < MISSES_MAX && (label = run_on(&run)) &&
	       label->cost.parts[COST_CHANGES] <= WEIGHT_MAX) {
		misses[count] = make_miss(goal, label, arena);
		if (misses[count].change_count && !says_nothing_new(&misses[count], misses, count))
			count++;
	}
	run_finish(&run);
	return count;
}

/* --- without what the tunnel asks for */

/* One thing that a tunnel may ask for, taken away. */
struct relief {
	struct goal goal;
	struct tunnel_options options;
};

static void relieve_begin(struct relief *relief, const struct goal *goal)
{
	relief->goal = *goal;
	relief->options = *goal->options;
	relief->goal.options = &relief->options;
	relief->goal.horizon = NULL;
}

/* Whether the way is one of two, of which `exit` says that `via` is about this one (rule 18). */
static bool has_via_by_exit(const struct goal *goal)
{
	return goal->kind == GOAL_EGRESS && goal->ingress_host != goal->me && goal->via_count;
}

static const char *without_via(struct relief *relief)
{
	const bool asked = relief->goal.via_count > 0;

	relief->goal.via_count = 0;
	return asked ? "drop `via`: without it there is a path" : NULL;
}

static const char *without_exit(struct relief *relief)
{
	const bool asked = relief->goal.exit != TOPOLOGY_NONE;
	const bool both = has_via_by_exit(&relief->goal);

	relief->goal.exit = TOPOLOGY_NONE;
	if (both)
		relief->goal.via_count = 0;
	if (asked && both)
		return "drop `via` and `exit`: without them there is a path";
	return asked ? "drop `exit`: without it there is a path" : NULL;
}

static const char *without_avoid(struct relief *relief)
{
	struct goal *goal = &relief->goal;
	const bool asked = relief->options.avoid_host_count || relief->options.avoid_vlan_count;

	relief->options.avoid_host_count = 0;
	relief->options.avoid_vlan_count = 0;
	goal->egress.avoid_vlan_count = 0;
	return asked ? "drop `avoid`: without it there is a path" : NULL;
}

static const char *without_max_hops(struct relief *relief)
{
	const bool asked = relief->options.max_hops > 0;

	relief->options.max_hops = 0;
	return asked ? "drop `max_hops`: without it there is a path" : NULL;
}

static const char *without_min_trust(struct relief *relief)
{
	const bool asked = relief->options.min_trust > TRUST_NONE;

	relief->options.min_trust = TRUST_NONE;
	return asked ? "drop `min_trust`: without it there is a path" : NULL;
}

static const char *without_method(struct relief *relief)
{
	const bool asked = relief->options.method != METHOD_ANY;

	relief->options.method = METHOD_ANY;
	return asked ? "drop `method`: without it there is a path" : NULL;
}

static const char *without_without(struct relief *relief)
{
	const bool asked = relief->goal.without_count > 0;

	relief->goal.without_count = 0;
	return asked ? "the hosts that are taken to be gone are needed" : NULL;
}

/* Each takes one thing away and returns what the reader is told to do; NULL: nobody asked for it. */
static const char *(*const reliefs[])(struct relief *relief) = {
	without_via,       without_exit,   without_avoid,   without_max_hops,
	without_min_trust, without_method, without_without,
};

/* Which hosts are taken to be gone is not said in the file. */
static struct span place_of(const struct relief *relief, const struct goal *goal)
{
	const struct span nowhere = {0};

	return relief->goal.without_count < goal->without_count ? nowhere : goal->at;
}

static size_t find_by_reliefs(const struct goal *goal, struct arena *arena,
			      struct plan_miss *misses)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(reliefs) / sizeof(reliefs[0]) && count < MISSES_MAX; i++) {
		struct relief relief;
		struct plan_way way;
		struct plan_miss *miss = &misses[count];
		const char *what;

		relieve_begin(&relief, goal);
		what = reliefs[i](&relief);
		if (!what || !search_best(&relief.goal, arena, &way))
			continue;
		*miss = (struct plan_miss){.hosts = way.hosts,
					   .count = way.count,
					   .to_ingress = goal->kind == GOAL_INGRESS};
		*(struct plan_change *)arena_push(arena, &miss->changes, &miss->change_count,
						  sizeof(*miss->changes)) = (struct plan_change){
			.kind = CHANGE_CONSTRAINT,
			.reason = REASON_CONSTRAINT,
			.at = place_of(&relief, goal),
			.what = what,
			.from = TOPOLOGY_NONE,
			.to = TOPOLOGY_NONE,
			.from_vlan = TOPOLOGY_NONE,
			.vlan = TOPOLOGY_NONE,
		};
		count++;
	}
	return count;
}

size_t miss_find(const struct goal *goal, struct arena *arena, struct plan_miss *ret_misses)
{
	const size_t count = find_by_reliefs(goal, arena, ret_misses);

	return count ? count : find_by_changes(goal, arena, ret_misses, 0);
}

void miss_add(struct plan_miss *miss, const struct plan_miss *other, struct arena *arena)
{
	for (size_t i = 0; i < other->change_count; i++)
		*(struct plan_change *)arena_push(arena, &miss->changes, &miss->change_count,
						  sizeof(*miss->changes)) = other->changes[i];
	miss->weight += other->weight;
}
