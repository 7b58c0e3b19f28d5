/*
 * L008: VLANs with overlapping ranges that a host or a rule connects.
 *
 * Two sites may use the same private ranges as long as nothing connects them, so only VLANs that
 * something connects are compared.
 */
#include <stdlib.h>

#include "topology/base/memory.h"
#include "topology/lint/lint_parts.h"

/* Two VLANs that overlap, and what joins them. There can be millions: indexes take 32 bits. */
struct joint_vlans {
	uint32_t low; /* the VLANs, in the order of the file */
	uint32_t high;
	uint32_t host;  /* which joins them, or BY_RULE */
	struct span at; /* where */
	struct span related;
};

#define BY_RULE UINT32_MAX

struct joints {
	struct linter *linter;
	struct joint_vlans *items; /* from malloc() */
	size_t count;
	size_t room;
};

/* Whether two ranges have addresses in common. A range of everything is no range of anybody. */
static bool overlap(const struct cidr *a, const struct cidr *b)
{
	return a->prefix > 0 && b->prefix > 0 && (cidr_holds(a, b) || cidr_holds(b, a));
}

/* Finds ranges of two VLANs that overlap; false also when the budget is spent. */
static bool find_overlap(struct linter *linter, const struct vlan *a, const struct vlan *b,
			 const struct cidr **ret_a, const struct cidr **ret_b)
{
	for (size_t i = 0; i < a->cidr_count; i++) {
		for (size_t j = 0; j < b->cidr_count; j++) {
			if (!budget_spend(&linter->budget, 1))
				return false;
			if (!overlap(&a->cidrs[i], &b->cidrs[j]))
				continue;
			*ret_a = &a->cidrs[i];
			*ret_b = &b->cidrs[j];
			return true;
		}
	}
	return false;
}

/* Adds two VLANs if their ranges overlap. */
static bool join(struct joints *joints, size_t a, size_t b, const struct joint_vlans *by)
{
	const struct vlan *vlans = joints->linter->topology->vlans;
	const struct cidr *range, *other;
	struct joint_vlans *joint;

	budget_spend(&joints->linter->budget, 1);
	if (a == b || !find_overlap(joints->linter, &vlans[a], &vlans[b], &range, &other))
		return false;
	joints->items = memory_reserve(joints->items, &joints->room, joints->count + 1,
				       sizeof(*joints->items));
	joint = &joints->items[joints->count++];
	*joint = *by;
	joint->low = (uint32_t)(a < b ? a : b);
	joint->high = (uint32_t)(a < b ? b : a);
	return true;
}

/* --- hosts */

/* Joins an interface of a host with the first one before it that it overlaps. */
static void join_before(struct joints *joints, size_t host, size_t index,
			const struct member *later)
{
	struct vlan_members_walk walk = {
		.vlan_members = &joints->linter->vlan_members, .host = host, .certain = true};
	struct member member;

	for (size_t i = 0; i < index && vlan_members_next(&walk, &member); i++) {
		const struct joint_vlans by = {
			.at = later->interface->at,
			.related = member.interface->at,
			.host = (uint32_t)host,
		};

		if (vlan_members_together(later, &member) &&
		    join(joints, member.interface->vlan, later->interface->vlan, &by))
			return;
	}
}

static void join_host(struct joints *joints, size_t host)
{
	struct vlan_members_walk walk = {
		.vlan_members = &joints->linter->vlan_members, .host = host, .certain = true};
	struct member member;

	for (size_t i = 0; vlan_members_next(&walk, &member); i++) {
		if (!budget_spend(&joints->linter->budget, 1))
			return;
		join_before(joints, host, i, &member);
	}
}

/* --- rules */

/* Returns the VLAN that an end is on, or TOPOLOGY_NONE: that is not certain, or it is on several. */
static size_t vlan_of(const struct linter *linter, const struct rule_end *end)
{
	const struct host *host;

	if (end->kind == RULE_VLAN || end->kind == RULE_HOST_AT_VLAN)
		return end->vlan;
	if (end->kind != RULE_HOST)
		return TOPOLOGY_NONE;
	host = &linter->topology->hosts[end->host];
	if (host->interface_count != 1 || vlan_members_moves(&linter->vlan_members, end->host))
		return TOPOLOGY_NONE;
	return host->interfaces[0].vlan;
}

/* Joins the first VLANs of the two ends that overlap. */
static void join_rule(struct joints *joints, const struct rule *rule)
{
	const struct topology *topology = joints->linter->topology;
	size_t from_count, to_count;
	const struct rule_end *from =
		topology_ends(joints->linter->topology, &rule->from, &from_count);
	const struct rule_end *to = topology_ends(joints->linter->topology, &rule->to, &to_count);

	for (size_t i = 0; i < from_count; i++) {
		for (size_t j = 0; j < to_count; j++) {
			const size_t a = vlan_of(joints->linter, &from[i]);
			const size_t b = vlan_of(joints->linter, &to[j]);
			struct joint_vlans by = {.host = BY_RULE, .at = rule->at};

			if (!budget_spend(&joints->linter->budget, 1))
				return;
			if (a == TOPOLOGY_NONE || b == TOPOLOGY_NONE)
				continue;
			by.related = topology->vlans[b].at;
			if (join(joints, a, b, &by))
				return;
		}
	}
}

/* --- all of it */

static int compare_joints(const void *left, const void *right)
{
	const struct joint_vlans *a = left, *b = right;

	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return (a->at.at > b->at.at) - (a->at.at < b->at.at);
}

static void report(struct linter *linter, const struct joint_vlans *joint)
{
	const struct topology *topology = linter->topology;
	const struct vlan *low = &topology->vlans[joint->low];
	const struct vlan *high = &topology->vlans[joint->high];
	const bool by_rule = joint->host == BY_RULE;
	const char *host = by_rule ? "" : topology->hosts[joint->host].name;
	const struct cidr *range, *other;
	struct diag *diag;

	if (!find_overlap(linter, low, high, &range, &other))
		return;
	diag = diag_lint(linter->diags, LINT_OVERLAP, joint->at,
			 "%s%s%s joins VLANs '%s' (%s) and '%s' (%s), whose ranges overlap",
			 by_rule ? "this rule" : "host '", host, by_rule ? "" : "'", low->name,
			 range->text, high->name, other->text);
	diag->related = joint->related;
	diag->related_text = by_rule ? "the second of them" : "it is on the other one here";
	diag->help = "correct the ranges: an address in both means two machines there";
}

void lint_overlap(struct linter *linter)
{
	const struct topology *topology = linter->topology;
	struct joints joints = {.linter = linter};

	for (size_t h = 0; h < topology->host_count; h++)
		join_host(&joints, h);
	for (size_t i = 0; i < topology->rule_count; i++) {
		if (topology->rules[i].allow)
			join_rule(&joints, &topology->rules[i]);
	}
	if (joints.count)
		qsort(joints.items, joints.count, sizeof(*joints.items), compare_joints);
	for (size_t i = 0; i < joints.count; i++) {
		/* Many may join the same two: the first is named. */
		if (i == 0 || joints.items[i - 1].low != joints.items[i].low ||
		    joints.items[i - 1].high != joints.items[i].high)
			report(linter, &joints.items[i]);
	}
	free(joints.items);
}
