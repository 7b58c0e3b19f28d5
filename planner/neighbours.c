#include "planner/neighbours.h"

void neighbours_init(struct neighbours *neighbours, const struct topology *topology,
		     struct arena *arena)
{
	size_t *first = arena_array(arena, topology->vlan_count + 2, sizeof(*first));
	size_t total = 0;

	/* Counted one place too far, so that filling moves each start to where it belongs. */
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t i = 0; i < host->interface_count; i++)
			first[host->interfaces[i].vlan + 2]++;
		total += host->interface_count;
	}
	for (size_t v = 2; v < topology->vlan_count + 2; v++)
		first[v] += first[v - 1];

	neighbours->topology = topology;
	neighbours->first = first;
	neighbours->members = arena_array(arena, total, sizeof(*neighbours->members));
	for (size_t h = 0; h < topology->host_count; h++) {
		const struct host *host = &topology->hosts[h];

		for (size_t i = 0; i < host->interface_count; i++)
			neighbours->members[first[host->interfaces[i].vlan + 1]++] = h;
	}
}

/* Whether a rule's source may be the host; whether it is, reach_try() says. */
static bool may_come_from(const struct rule_end *end, const struct topology *topology, size_t host)
{
	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		return end->host == host;
	case RULE_VLAN:
		return host_interface(&topology->hosts[host], end->vlan) != NULL;
	case RULE_SET:
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			if (may_come_from(&topology->sets[end->set].ends[i], topology, host))
				return true;
		return false;
	case RULE_ANY:
	case RULE_CIDR:
		return true;
	}
	return false;
}

static void visit_vlan(const struct neighbours *neighbours, size_t vlan,
		       void (*visit)(void *context, size_t neighbour), void *context)
{
	for (size_t m = neighbours->first[vlan]; m < neighbours->first[vlan + 1]; m++)
		visit(context, neighbours->members[m]);
}

static void visit_end(const struct neighbours *neighbours, const struct rule_end *end,
		      void (*visit)(void *context, size_t neighbour), void *context)
{
	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		visit(context, end->host);
		return;
	case RULE_VLAN:
		visit_vlan(neighbours, end->vlan, visit, context);
		return;
	case RULE_SET:
		for (size_t i = 0; i < neighbours->topology->sets[end->set].end_count; i++)
			visit_end(neighbours, &neighbours->topology->sets[end->set].ends[i], visit,
				  context);
		return;
	case RULE_ANY:
	case RULE_CIDR:
		for (size_t h = 0; h < neighbours->topology->host_count; h++)
			visit(context, h);
		return;
	}
}

void neighbours_visit(const struct neighbours *neighbours, size_t host,
		      void (*visit)(void *context, size_t neighbour), void *context)
{
	const struct topology *topology = neighbours->topology;
	const struct host *from = &topology->hosts[host];

	for (size_t i = 0; i < from->interface_count; i++)
		visit_vlan(neighbours, from->interfaces[i].vlan, visit, context);
	for (size_t r = 0; r < topology->rule_count; r++) {
		const struct rule *rule = &topology->rules[r];

		if (rule->allow && may_come_from(&rule->from, topology, host))
			visit_end(neighbours, &rule->to, visit, context);
	}
}
