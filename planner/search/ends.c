#include "planner/search/ends.h"

static void find(void *context, size_t host)
{
	struct ends *ends = context;

	if (ends->known[host])
		return;
	ends->known[host] = true;
	*(uint32_t *)arena_push(ends->arena, &ends->hosts, &ends->count, sizeof(*ends->hosts)) =
		(uint32_t)host;
}

static void find_by_rule(void *context, const struct rule *rule)
{
	struct ends *ends = context;

	if (!rule->allow || !network_index_visit_end(ends->network_index, &rule->from, find, ends))
		return;
	ends->anywhere = true;
	ends->anywhere_by_port |= match_port(rule, ends->port);
}

static void find_by_publication(struct ends *ends, const struct publication *published)
{
	if (published->vlan == TOPOLOGY_NONE) {
		find(ends, published->host);
		return;
	}
	network_index_visit_vlan(ends->network_index, published->vlan, find, ends);
	rule_index_visit_address(&ends->network_index->rules, RULES_TO, published->vlan,
				 &published->address, find_by_rule, ends);
}

/* What is in no VLAN is open to all, unless a rule denies it. */
static void find_outside(struct ends *ends, const struct reach_to *egress)
{
	static const struct match_point anybody = {TOPOLOGY_NONE, TOPOLOGY_NONE, NULL};
	const struct rule_index *rules = &ends->network_index->rules;
	const size_t vlan = egress->outside_vlan;
	const struct match_point point = {TOPOLOGY_NONE, vlan, egress->outside};
	const struct rule *rule = rule_index_match(rules, &anybody, &point, egress->port);

	if (vlan != TOPOLOGY_NONE)
		network_index_visit_vlan(ends->network_index, vlan, find, ends);
	else if (!rule || rule->allow)
		ends->anywhere = ends->anywhere_by_port = true;
	rule_index_visit_key(rules, RULES_TO, RULE_KEY_ANY, find_by_rule, ends);
	rule_index_visit_address(rules, RULES_TO, vlan, egress->outside, find_by_rule, ends);
}

static void find_diallers(struct ends *ends, const struct reach_to *egress)
{
	const struct network_index *network_index = ends->network_index;
	const struct host *host;

	if (egress->outside) {
		find_outside(ends, egress);
		return;
	}
	host = &network_index->topology->hosts[egress->host];
	find(ends, egress->host);
	for (size_t i = 0; i < host->interface_count; i++)
		network_index_visit_vlan(ends->network_index, host->interfaces[i].vlan, find, ends);
	for (size_t i = 0; i < egress->published_count; i++)
		find_by_publication(ends, &egress->published[i]);
	rule_index_visit(&network_index->rules, RULES_TO, egress->host, find_by_rule, ends);
}

void ends_find(struct ends *ends, const struct goal *goal, struct arena *arena)
{
	const struct network_index *network_index = goal->network_index;

	*ends = (struct ends){
		.network_index = network_index, .arena = arena, .port = goal->egress.port};
	ends->known = arena_array(arena, network_index->topology->host_count, sizeof(*ends->known));
	if (goal_has_one_end(goal))
		find(ends, goal->end != TOPOLOGY_NONE ? goal->end : goal->exit);
	else
		find_diallers(ends, &goal->egress);
	ends->anywhere_by_port |= ends->anywhere && goal->egress.published_count;
}
