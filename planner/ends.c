#include "planner/ends.h"

static void find(struct ends *ends, size_t host)
{
	if (ends->known[host])
		return;
	ends->known[host] = true;
	*(uint32_t *)arena_push(ends->arena, &ends->hosts, &ends->count, sizeof(*ends->hosts)) =
		(uint32_t)host;
}

static void find_members(struct ends *ends, size_t vlan)
{
	size_t count;
	const uint32_t *members = roll_of(&ends->atlas->members, vlan, &count);

	for (size_t i = 0; i < count; i++)
		find(ends, members[i]);
}

static void find_range(struct ends *ends, const struct cidr *range)
{
	const size_t host_count = ends->atlas->topology->host_count;
	size_t count;
	const struct ranges_entry *entries = ranges_in(&ends->atlas->ranges, range, &count);

	for (size_t i = 0; i < count; i++)
		if (entries[i].number < host_count)
			find(ends, entries[i].number);
		else
			find_members(ends, entries[i].number - host_count);
}

static void find_end(struct ends *ends, const struct rule_end *end)
{
	const struct topology *topology = ends->atlas->topology;

	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		find(ends, end->host);
		return;
	case RULE_VLAN:
		find_members(ends, end->vlan);
		return;
	case RULE_SET:
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			find_end(ends, &topology->sets[end->set].ends[i]);
		return;
	case RULE_ANY:
		ends->anywhere = true;
		return;
	case RULE_CIDR:
		find_range(ends, &end->cidr);
		return;
	}
}

static void find_by_rule(void *context, const struct rule *rule)
{
	struct ends *ends = context;
	const bool before = ends->anywhere;

	if (!rule->allow)
		return;
	ends->anywhere = false;
	find_end(ends, &rule->from);
	ends->anywhere_by_port |= ends->anywhere && match_port(rule, ends->port);
	ends->anywhere |= before;
}

static void find_by_publication(struct ends *ends, const struct publication *published)
{
	if (published->vlan == TOPOLOGY_NONE) {
		find(ends, published->host);
		return;
	}
	find_members(ends, published->vlan);
	rulebook_visit_address(&ends->atlas->rules, BOOK_TO, published->vlan, &published->address,
			       find_by_rule, ends);
}

static void find_diallers(struct ends *ends, const struct reach_to *egress)
{
	const struct atlas *atlas = ends->atlas;
	const struct host *host;

	if (egress->outside) {
		ends->anywhere = ends->anywhere_by_port = true;
		return;
	}
	host = &atlas->topology->hosts[egress->host];
	find(ends, egress->host);
	for (size_t i = 0; i < host->interface_count; i++)
		find_members(ends, host->interfaces[i].vlan);
	for (size_t i = 0; i < egress->published_count; i++)
		find_by_publication(ends, &egress->published[i]);
	rulebook_visit(&atlas->rules, BOOK_TO, egress->host, find_by_rule, ends);
}

void ends_find(struct ends *ends, const struct goal *goal, struct arena *arena)
{
	const struct atlas *atlas = goal->atlas;

	*ends = (struct ends){.atlas = atlas, .arena = arena, .port = goal->egress.port};
	ends->known = arena_array(arena, atlas->topology->host_count, sizeof(*ends->known));
	if (goal->end != TOPOLOGY_NONE || goal->exit != TOPOLOGY_NONE)
		find(ends, goal->end != TOPOLOGY_NONE ? goal->end : goal->exit);
	else
		find_diallers(ends, &goal->egress);
	ends->anywhere_by_port |= ends->anywhere && goal->egress.published_count;
}

struct cost ends_least(const struct goal *goal)
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
