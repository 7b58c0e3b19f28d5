/*
 * Subsume: whether one end of a rule matches everything that another end matches.
 *
 * The relation behind shadowed rules. It holds only if it is certain: if the answer depends on
 * facts that the file does not state, it is no.
 *
 *     any         everything
 *     VLAN        itself, HOST@VLAN, a host that is on no other VLAN
 *     HOST        itself, HOST@VLAN
 *     HOST@VLAN   itself, the host if it is on no other VLAN
 *     CIDR        narrower ranges, a host or HOST@VLAN with all its addresses in the range
 *     SET         whatever one of its members covers; a set is covered if each member is
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_SUBSUME_H
#define TUNPLAN_TOPOLOGY_LINT_SUBSUME_H

#include "topology/base/budget.h"
#include "topology/lint/vlan_members.h"

struct subsume {
	const struct vlan_members *vlan_members;
	struct budget *budget;
};

/* Returns whether the outer end covers the inner one; false when the budget is spent. */
bool subsume_end(const struct subsume *subsume, const struct rule_end *outer,
		 const struct rule_end *inner);

#endif
