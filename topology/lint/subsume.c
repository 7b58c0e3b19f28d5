#include "topology/lint/subsume.h"

/* Whether a host is on a VLAN, and on no other, wherever it is. */
static bool is_only_on(const struct subsume *subsume, size_t host, size_t vlan)
{
	struct vlan_members_walk walk = {.vlan_members = subsume->vlan_members, .host = host};
	struct member member;
	bool any = false;

	while (vlan_members_next(&walk, &member)) {
		budget_spend(subsume->budget, 1);
		if (member.interface->vlan != vlan)
			return false;
		any = true;
	}
	return any;
}

static bool holds_interface(const struct subsume *subsume, const struct cidr *range,
			    const struct interface *interface)
{
	for (size_t i = 0; i < interface->address_count; i++) {
		budget_spend(subsume->budget, 1);
		if (!cidr_contains(range, &interface->addresses[i]))
			return false;
	}
	return interface->address_count > 0;
}

/* Whether a range has all addresses of a host (on a VLAN, or TOPOLOGY_NONE), and they are known. */
static bool holds_host(const struct subsume *subsume, const struct cidr *range, size_t host,
		       size_t vlan)
{
	struct vlan_members_walk walk = {.vlan_members = subsume->vlan_members, .host = host};
	struct member member;
	bool any = false;

	while (vlan_members_next(&walk, &member)) {
		budget_spend(subsume->budget, 1);
		if (vlan != TOPOLOGY_NONE && vlan != member.interface->vlan)
			continue;
		if (!holds_interface(subsume, range, member.interface))
			return false;
		any = true;
	}
	return any;
}

static bool vlan_covers(const struct subsume *subsume, size_t vlan, const struct rule_end *inner)
{
	switch (inner->kind) {
	case RULE_VLAN:
	case RULE_HOST_AT_VLAN:
		return inner->vlan == vlan;
	case RULE_HOST:
		return is_only_on(subsume, inner->host, vlan);
	default:
		return false;
	}
}

static bool host_covers(size_t host, const struct rule_end *inner)
{
	return (inner->kind == RULE_HOST || inner->kind == RULE_HOST_AT_VLAN) &&
	       inner->host == host;
}

static bool range_covers(const struct subsume *subsume, const struct cidr *range,
			 const struct rule_end *inner)
{
	switch (inner->kind) {
	case RULE_CIDR:
		return cidr_holds(range, &inner->cidr);
	case RULE_HOST:
		return holds_host(subsume, range, inner->host, TOPOLOGY_NONE);
	case RULE_HOST_AT_VLAN:
		return holds_host(subsume, range, inner->host, inner->vlan);
	default:
		return false;
	}
}

/* inner is no set. */
static bool covers_simple(const struct subsume *subsume, const struct rule_end *outer,
			  const struct rule_end *inner)
{
	budget_spend(subsume->budget, 1);
	switch (outer->kind) {
	case RULE_ANY:
		return true;
	case RULE_HOST:
		return host_covers(outer->host, inner);
	case RULE_VLAN:
		return vlan_covers(subsume, outer->vlan, inner);
	case RULE_HOST_AT_VLAN:
		return host_covers(outer->host, inner) && vlan_covers(subsume, outer->vlan, inner);
	case RULE_CIDR:
		return range_covers(subsume, &outer->cidr, inner);
	case RULE_SET:
		break;
	}
	return false;
}

/* inner is no set; outer may be one, whose members are none. */
static bool covers_one(const struct subsume *subsume, const struct rule_end *outer,
		       const struct rule_end *inner)
{
	size_t count;
	const struct rule_end *ends = topology_ends(subsume->vlan_members->topology, outer, &count);

	for (size_t i = 0; i < count && !budget_is_spent(subsume->budget); i++) {
		if (covers_simple(subsume, &ends[i], inner))
			return true;
	}
	return false;
}

bool subsume_end(const struct subsume *subsume, const struct rule_end *outer,
		 const struct rule_end *inner)
{
	size_t count;
	const struct rule_end *ends = topology_ends(subsume->vlan_members->topology, inner, &count);

	budget_spend(subsume->budget, 1);
	if (outer->kind == RULE_ANY ||
	    (outer->kind == RULE_SET && inner->kind == RULE_SET && outer->set == inner->set))
		return true;
	for (size_t i = 0; i < count; i++) {
		if (!covers_one(subsume, outer, &ends[i]) || budget_is_spent(subsume->budget))
			return false;
	}
	return true;
}
