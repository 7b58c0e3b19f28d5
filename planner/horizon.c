#include "planner/horizon.h"

#include <string.h>

/* How far it looks: each step more sees the neighbours of all that is seen. */
#define STEPS 2

/* One host is all that the way can end on, or any of a list. */
struct looking {
	const struct goal *goal;
	const struct atlas *atlas;
	struct arena *arena;
	uint8_t *distances;
	uint8_t step;    /* the distance of those that are being found */
	uint32_t *found; /* hosts, nearest first */
	size_t count;
	bool everywhere; /* all that is left is at this distance */
};

static void find(struct looking *looking, size_t host)
{
	if (looking->distances[host] <= looking->step)
		return;
	looking->distances[host] = looking->step;
	looking->found[looking->count++] = (uint32_t)host;
}

static void find_members(struct looking *looking, size_t vlan)
{
	size_t count;
	const uint32_t *members = roll_of(&looking->atlas->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		find(looking, members[i]);
}

/* All hosts from which a connection that an end of a rule lets through may come. */
static void find_end(struct looking *looking, const struct rule_end *end)
{
	const struct topology *topology = looking->atlas->topology;

	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		find(looking, end->host);
		return;
	case RULE_VLAN:
		find_members(looking, end->vlan);
		return;
	case RULE_SET:
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			find_end(looking, &topology->sets[end->set].ends[i]);
		return;
	case RULE_ANY:
	case RULE_CIDR:
		looking->everywhere = true;
		return;
	}
}

static void find_by_rule(void *context, const struct rule *rule)
{
	struct looking *looking = context;

	if (rule->allow)
		find_end(looking, &rule->from);
}

static void find_by_publications(struct looking *looking, const struct publication *published,
				 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (published[i].vlan == TOPOLOGY_NONE) {
			find(looking, published[i].host);
			continue;
		}
		find_members(looking, published[i].vlan);
		rulebook_visit_presence(&looking->atlas->rules, BOOK_TO, published[i].vlan,
					&published[i].address, 1, find_by_rule, looking);
	}
}

/* Finds all that may open a connection to a host. */
static void find_neighbours(struct looking *looking, size_t host)
{
	const struct host *at = &looking->atlas->topology->hosts[host];

	for (size_t i = 0; i < at->interface_count; i++)
		find_members(looking, at->interfaces[i].vlan);
	find_by_publications(looking, at->published, at->published_count);
	rulebook_visit(&looking->atlas->rules, BOOK_TO, host, find_by_rule, looking);
}

/* Finds all that may open the egress. */
static void find_diallers(struct looking *looking)
{
	const struct reach_to *egress = &looking->goal->egress;

	if (egress->outside) {
		looking->everywhere = true;
		return;
	}
	find(looking, egress->host);
	find_neighbours(looking, egress->host);
	find_by_publications(looking, egress->published, egress->published_count);
}

/* The lesser of two costs, part by part the first difference decides. */
static void keep_least(struct horizon *horizon, const struct cost *cost, bool *any)
{
	if (!*any || cost_compare(cost, &horizon->end) < 0)
		horizon->end = *cost;
	*any = true;
}

/* What an end on any host costs at least. */
static struct cost least_anywhere(const struct goal *goal)
{
	struct cost cost = {{0}};
	const size_t vlan = goal->egress.outside_vlan;
	const struct vlan *vlans = goal->atlas->topology->vlans;

	if (goal->kind != GOAL_EGRESS || goal->encrypted != SERVICE_CLEAR || !goal->egress.outside)
		return cost;
	/* What is inside the ingress's host does not count, and the way may end there. */
	if (goal->ingress_host == goal->me)
		cost.parts[COST_EXPOSURE + goal->atlas->best_trust]++;
	if (vlan == TOPOLOGY_NONE)
		cost.parts[COST_EXPOSURE + TRUST_NONE]++;
	else
		cost.parts[COST_EXPOSURE + vlans[vlan].trust]++;
	return cost;
}

/* Of those that may be the last, only those that can are: they are asked. */
static void look_at_ends(struct looking *looking, struct horizon *horizon)
{
	size_t kept = 0;
	bool any = false;

	for (size_t i = 0; i < looking->count; i++) {
		const uint32_t host = looking->found[i];
		const struct goal_end end = goal_end(looking->goal, host);

		if (!end.open || goal_shuns(looking->goal, host, NULL, NULL)) {
			looking->distances[host] = horizon->farthest;
			continue;
		}
		keep_least(horizon, &end.cost, &any);
		looking->found[kept++] = host;
	}
	looking->count = kept;
	horizon->none = !any;
}

void horizon_look(struct horizon *horizon, const struct goal *goal, struct arena *arena)
{
	const size_t host_count = goal->atlas->topology->host_count;
	struct looking looking = {.goal = goal, .atlas = goal->atlas, .arena = arena};
	size_t from = 0;

	*horizon = (struct horizon){.farthest = STEPS + 1};
	looking.distances = arena_array(arena, host_count, sizeof(*looking.distances));
	looking.found = arena_array(arena, host_count, sizeof(*looking.found));
	memset(looking.distances, horizon->farthest, host_count);
	if (goal->end != TOPOLOGY_NONE || goal->exit != TOPOLOGY_NONE)
		find(&looking, goal->end != TOPOLOGY_NONE ? goal->end : goal->exit);
	else
		find_diallers(&looking);
	if (looking.everywhere) {
		*horizon = (struct horizon){.end = least_anywhere(goal)};
		return;
	}
	look_at_ends(&looking, horizon);
	while (++looking.step <= STEPS && !looking.everywhere) {
		const size_t end = looking.count;

		for (; from < end; from++)
			find_neighbours(&looking, looking.found[from]);
	}
	/* Whoever is not seen may be as near as those that a rule lets in from anywhere. */
	if (looking.everywhere) {
		const uint8_t near = (uint8_t)(looking.step - 1);

		for (size_t h = 0; h < host_count; h++)
			if (looking.distances[h] > near)
				looking.distances[h] = near;
		horizon->farthest = near;
	}
	horizon->distances = looking.distances;
}
