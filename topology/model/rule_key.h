/*
 * Rule key: a number for what an end of a rule names, so that the rules of a topology can be listed by
 * it: any, ranges (all of them have one key), then each VLAN, each host, each set.
 */
#ifndef TUNPLAN_TOPOLOGY_MODEL_RULE_KEY_H
#define TUNPLAN_TOPOLOGY_MODEL_RULE_KEY_H

#include "topology/model/topology.h"

#define RULE_KEY_ANY   ((size_t)0)
#define RULE_KEY_RANGE ((size_t)1)

static inline size_t rule_key_vlan(size_t vlan)
{
	return RULE_KEY_RANGE + 1 + vlan;
}

static inline size_t rule_key_host(const struct topology *topology, size_t host)
{
	return rule_key_vlan(topology->vlan_count) + host;
}

static inline size_t rule_key_set(const struct topology *topology, size_t set)
{
	return rule_key_host(topology, topology->host_count) + set;
}

/* Returns how many keys there are. */
static inline size_t rule_key_count(const struct topology *topology)
{
	return rule_key_set(topology, topology->set_count);
}

/* Returns the key of an end; HOST@VLAN has that of the host. */
static inline size_t rule_key(const struct topology *topology, const struct rule_end *end)
{
	switch (end->kind) {
	case RULE_ANY:
		return RULE_KEY_ANY;
	case RULE_CIDR:
		return RULE_KEY_RANGE;
	case RULE_VLAN:
		return rule_key_vlan(end->vlan);
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		return rule_key_host(topology, end->host);
	case RULE_SET:
		return rule_key_set(topology, end->set);
	}
	return RULE_KEY_ANY;
}

#endif
