#include "topology/model/match.h"

bool match_family(const struct vlan *vlan, enum address_family family)
{
	for (size_t i = 0; i < vlan->cidr_count; i++) {
		if (vlan->cidrs[i].family == family)
			return true;
	}
	return vlan->cidr_count == 0 || family == ADDRESS_NAME;
}

bool match_source(const struct topology *topology, const struct interface *leaving,
		  enum address_family family, const struct address **ret_source)
{
	bool open = leaving->address_count == 0 || family == ADDRESS_NAME;

	*ret_source = NULL;
	for (size_t i = 0; i < leaving->address_count; i++) {
		const struct address *address = &leaving->addresses[i];

		if (address->family == family) {
			*ret_source = address;
			return true;
		}
		open |= address->family == ADDRESS_NAME;
	}
	return open && match_family(&topology->vlans[leaving->vlan], family);
}

static bool range_matches(const struct topology *topology, const struct cidr *range,
			  const struct match_point *point)
{
	const struct vlan *vlan;

	if (point->address && point->address->family != ADDRESS_NAME)
		return cidr_contains(range, point->address);
	if (point->vlan == TOPOLOGY_NONE)
		return false;
	vlan = &topology->vlans[point->vlan];
	for (size_t i = 0; i < vlan->cidr_count; i++) {
		if (!cidr_holds(range, &vlan->cidrs[i]))
			return false;
	}
	return vlan->cidr_count > 0;
}

static bool set_matches(const struct topology *topology, const struct set *set,
			const struct match_point *point)
{
	for (size_t i = 0; i < set->end_count; i++) {
		if (match_end(topology, &set->ends[i], point))
			return true;
	}
	return false;
}

bool match_end(const struct topology *topology, const struct rule_end *end,
	       const struct match_point *point)
{
	switch (end->kind) {
	case RULE_ANY:
		return true;
	case RULE_HOST:
		return end->host == point->host;
	case RULE_VLAN:
		return end->vlan == point->vlan;
	case RULE_HOST_AT_VLAN:
		return end->host == point->host && end->vlan == point->vlan;
	case RULE_CIDR:
		return range_matches(topology, &end->cidr, point);
	case RULE_SET:
		return set_matches(topology, &topology->sets[end->set], point);
	}
	return false;
}

size_t match_cost(const struct topology *topology, const struct rule_end *end,
		  const struct match_point *point)
{
	size_t each = 1;

	if (point->vlan != TOPOLOGY_NONE)
		each += topology->vlans[point->vlan].cidr_count;
	if (end->kind == RULE_SET)
		return topology->sets[end->set].end_count * each + 1;
	return end->kind == RULE_CIDR ? each : 1;
}

bool match_port(const struct rule *rule, uint16_t port)
{
	for (size_t i = 0; i < rule->port_count; i++) {
		if (rule->ports[i].first <= port && port <= rule->ports[i].last)
			return true;
	}
	return rule->port_count == 0;
}

bool match_one(const struct topology *topology, const struct rule *rule,
	       const struct match_point *from, const struct match_point *to, uint16_t port)
{
	return match_port(rule, port) && match_end(topology, &rule->from, from) &&
	       match_end(topology, &rule->to, to);
}

const struct rule *match_rule(const struct topology *topology, const struct match_point *from,
			      const struct match_point *to, uint16_t port)
{
	for (size_t i = 0; i < topology->rule_count; i++) {
		if (match_one(topology, &topology->rules[i], from, to, port))
			return &topology->rules[i];
	}
	return NULL;
}
