/*
 * Rule index: the reachability rules indexed by what their ends name, so that the deciding rule is
 * found without trying all of them.
 *
 * Gives the same answers as match.h, which defines them. Built once for a topology, in an arena.
 */
#ifndef TUNPLAN_PLANNER_REACH_RULE_INDEX_H
#define TUNPLAN_PLANNER_REACH_RULE_INDEX_H

#include "topology/base/id_lists.h"
#include "topology/model/match.h"
#include "topology/model/range_index.h"
#include "topology/model/rule_key.h"

/* Indexes of rules, ascending. */
struct rule_run {
	const uint32_t *rules;
	size_t count;
};

struct rule_index {
	const struct topology *topology;
	struct rule_index_side {
		struct id_lists
			named; /* rules by what an end names (rule_key.h); of sets, their members */
		struct range_index ranges; /* owned by rules */
		uint32_t *range_rules;     /* their owners */
	} sides[RULES_SIDES];              /* by enum rule_side */
};

/* What is called with a rule; context is the caller's. */
typedef void rule_visit(void *context, const struct rule *rule);

/* Indexes the rules of a topology. */
void rule_index_init(struct rule_index *index, const struct topology *topology,
		     struct arena *arena);

/* Returns the rule that decides about a connection to a TCP port, or NULL: match_rule(). */
const struct rule *rule_index_match(const struct rule_index *index, const struct match_point *from,
				    const struct match_point *to, uint16_t port);

/*
 * Returns the first rule before the deciding one (NULL: before the end) that allows the connection
 * on other ports and would allow this one if the port were added; or NULL.
 */
const struct rule *rule_index_near(const struct rule_index *index, const struct match_point *from,
				   const struct match_point *to, const struct rule *decides);

/* Whether a rule may allow a connection to a port; 0: to some port, not known which. */
bool rule_index_lets_in(const struct rule *rule, uint16_t port);

/*
 * Calls visit for each rule whose end on that side may match an interface of a host, or an address
 * that it is published at: a superset, in no order, some of them more than once.
 */
void rule_index_visit(const struct rule_index *index, enum rule_side which, size_t host,
		      rule_visit *visit, void *context);

/* Calls visit for each rule that names what a key stands for (rule_key.h) on that side. */
void rule_index_visit_key(const struct rule_index *index, enum rule_side which, size_t key,
			  rule_visit *visit, void *context);

/*
 * Calls visit for each rule with a range that may have an address of a family in it whose first 64 bits
 * are from low to high.
 */
void rule_index_visit_span(const struct rule_index *index, enum rule_side which, uint8_t family,
			   uint64_t low, uint64_t high, rule_visit *visit, void *context);

/* The same for an address on a VLAN (or TOPOLOGY_NONE); without the rules whose end is `any`. */
void rule_index_visit_address(const struct rule_index *index, enum rule_side which, size_t vlan,
			      const struct address *address, rule_visit *visit, void *context);

#endif
