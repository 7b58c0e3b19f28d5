#include "planner/search/horizon.h"

#include "planner/search/change.h"
#include "planner/search/looking.h"
#include "planner/search/strangers.h"

size_t horizon_vlan(const struct topology *topology, size_t vlan)
{
	return topology->host_count + vlan;
}

size_t horizon_rule(const struct topology *topology, const struct rule *rule)
{
	return topology->host_count + topology->vlan_count + (size_t)(rule - topology->rules);
}

size_t horizon_everyone(const struct topology *topology)
{
	return topology->host_count + topology->vlan_count + topology->rule_count;
}

/* Seeds the backward search with every host on which a path can end (or could, after changes). */
static void put_ends(struct looking *looking)
{
	const struct goal *goal = looking->goal;
	struct ends ends;

	ends_find(&ends, goal, looking->arena);
	for (size_t i = 0; i < ends.count; i++)
		looking_put_end(looking, ends.hosts[i]);
	if (ends.anywhere ||
	    (looking->mending && !goal_has_one_end(goal) && !goal->socket && !goal->socks))
		strangers_put_ends(looking, &ends);
}

/* Bars the hosts that the goal excludes by name (goal_excludes()). */
static void bar(struct looking *looking)
{
	const struct goal *goal = looking->goal;
	const struct tunnel_options *options = goal->options;
	const size_t egress = goal->egress.host;

	looking->barred = arena_array(looking->arena, looking->topology->host_count,
				      sizeof(*looking->barred));
	for (size_t i = 0; i < options->avoid_host_count; i++)
		looking->barred[options->avoid_hosts[i]] = true;
	for (size_t i = 0; i < goal->without_count; i++)
		looking->barred[goal->without[i]] = true;
	if (egress != TOPOLOGY_NONE && egress < looking->topology->host_count &&
	    (looking->mending ? change_excludes(goal, egress)
			      : goal_excludes(goal, egress, NULL, NULL)))
		looking->barred[egress] = true;
}

/* --- legs */

static void looking_init(struct looking *looking, const struct goal *goal, struct arena *arena)
{
	*looking = (struct looking){.goal = goal,
				    .network_index = goal->network_index,
				    .topology = goal->network_index->topology,
				    .arena = arena};
}

/*
 * Searches the leg that follows the first `passed` hosts of `via`. Returns whether it has a path.
 */
static bool look_at_leg(struct looking *looking, const struct horizon *horizon, size_t passed,
			struct horizon_leg *leg)
{
	const struct goal *goal = looking->goal;
	const size_t to = passed < goal->via_count ? goal->via[passed] : TOPOLOGY_NONE;
	bool there;

	looking_begin(looking, passed ? goal->via[passed - 1] : goal->me);
	if (to == TOPOLOGY_NONE)
		put_ends(looking);
	else
		looking_put(looking, to,
			    looking_bucket(looking, horizon_of(horizon, passed + 1, to)));
	there = looking_on(looking);
	*leg = (struct horizon_leg){.bounds = looking->bounds, .values = looking->values};
	if (there)
		leg->farthest = looking->values[looking->value_count - 1];
	return there;
}

/* From the last leg to the first one: each leads to where the next one begins. */
static void look_at_legs(struct looking *looking, struct horizon *horizon)
{
	const size_t count = looking->goal->via_count + 1;
	struct horizon_leg *legs = arena_array(looking->arena, count, sizeof(*legs));

	bar(looking);
	*horizon = (struct horizon){.legs = legs};
	for (size_t passed = count; passed-- > 0 && !horizon->none;)
		horizon->none = !look_at_leg(looking, horizon, passed, &legs[passed]);
}

static const struct horizon *look_for_hops(const struct goal *goal, struct arena *arena)
{
	struct horizon *fewest = arena_alloc(arena, sizeof(*fewest));
	struct looking looking;

	looking_init(&looking, goal, arena);
	looking.hops_alone = true;
	look_at_legs(&looking, fewest);
	return fewest;
}

void horizon_look(struct horizon *horizon, const struct goal *goal, struct arena *arena)
{
	struct looking looking;

	looking_init(&looking, goal, arena);
	look_at_legs(&looking, horizon);
	if (goal->options->max_hops && !horizon->none)
		horizon->fewest = look_for_hops(goal, arena);
}

void horizon_look_mended(struct horizon *horizon, const struct goal *goal, const uint32_t *targets,
			 size_t target_count, struct arena *arena)
{
	struct looking looking;

	looking_init(&looking, goal, arena);
	looking.mending = true;
	looking.targets =
		arena_array(arena, looking.topology->host_count, sizeof(*looking.targets));
	for (size_t i = 0; i < target_count; i++)
		looking.targets[targets[i]] = true;
	strangers_know(&looking);
	look_at_legs(&looking, horizon);
}
