#include "exec/lab/network/node.h"

const struct lab_leg *lab_node_leg(const struct lab_node *node, size_t vlan)
{
	for (size_t l = 0; l < node->leg_count; l++)
		if (node->legs[l].vlan == vlan)
			return &node->legs[l];
	return NULL;
}

const struct address *lab_leg_address(const struct lab_leg *leg, enum address_family family)
{
	for (size_t a = 0; a < leg->address_count; a++)
		if (leg->addresses[a].address.family == family)
			return &leg->addresses[a].address;
	return NULL;
}

bool lab_rule_end_covers(const struct rule_end *end, const struct lab_node *node,
			 const struct lab_leg *leg)
{
	switch (end->kind) {
	case RULE_ANY:
		return true;
	case RULE_HOST:
		return end->host == node->host;
	case RULE_VLAN:
		return end->vlan == leg->vlan;
	case RULE_HOST_AT_VLAN:
		return end->host == node->host && end->vlan == leg->vlan;
	case RULE_CIDR:
		for (size_t a = 0; a < leg->address_count; a++)
			if (cidr_contains(&end->cidr, &leg->addresses[a].address))
				return true;
		return false;
	case RULE_SET: /* lab_rules_expand() left none */
		break;
	}
	return false;
}
