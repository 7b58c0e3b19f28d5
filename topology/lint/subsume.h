/*
 * Subsume: whether one end of a rule stands for everything that another one stands for.
 *
 * The relation behind shadowed rules. It is certain where it holds, and does not hold where that
 * depends on what the file does not say:
 *
 *     any         everything
 *     VLAN        itself, HOST@VLAN, a host that is on no other
 *     HOST        itself, HOST@VLAN
 *     HOST@VLAN   itself, the host if it is on no other VLAN
 *     CIDR        narrower ranges, a host or HOST@VLAN all of whose addresses are in it
 *     SET         what one of its members covers; it is covered if each of them is
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
