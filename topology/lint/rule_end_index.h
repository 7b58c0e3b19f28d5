/*
 * Rule end index: the ends of all rules, indexed by what they name.
 *
 * match_rule() tries all rules; the lints ask about every rule and every host, so they look only at
 * the few rules whose end names the host, one of its VLANs, a range around its address, or `any`
 * (rule_query.h). There is one index for each side of the rules, made once, in the caller's arena.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_RULE_END_INDEX_H
#define TUNPLAN_TOPOLOGY_LINT_RULE_END_INDEX_H

#include "topology/lint/subsume.h"

enum rule_side { RULE_FROM, RULE_TO };

/* An end that is no set, and whose it is. */
struct rule_entry {
	const struct rule_end *end;
	size_t rule; /* or, from rule_count on, a set */
};

/* The ranges of one family and prefix. */
struct rule_group {
	uint8_t family;
	uint8_t prefix;
	size_t start; /* in rule_end_index.ranges */
	size_t end;   /* behind the last */
};

struct rule_end_index {
	const struct topology *topology;
	struct subsume subsume;
	enum rule_side side;
	/*
	 * By key: any, then the VLANs, then the hosts. Under each the rules, ascending, then the sets
	 * that some rule names.
	 */
	struct rule_entry *entries;
	size_t *first;             /* of each key, and behind the last */
	struct rule_entry *ranges; /* by family, prefix and address */
	struct rule_group *groups;
	size_t group_count;
	size_t *set_rules; /* set after set: the rules that name it on this side, ascending */
	size_t *set_first; /* of each set, and behind the last */
	size_t *set_seen;  /* of each set: the last query that came to it */
	size_t query;      /* which one it is */
};

/* Indexes one side of the rules of subsume->vlan_members->topology. */
void rule_end_index_init(struct rule_end_index *index, const struct subsume *subsume,
			 enum rule_side side, struct arena *arena);

/* Returns a rule's end of a side. */
const struct rule_end *rule_end_of(const struct rule *rule, enum rule_side side);

/* The key of what is RULE_ANY; these return those of a VLAN and of a host. */
#define RULE_END_INDEX_ANY ((size_t)0)
size_t rule_end_index_vlan(size_t vlan);
size_t rule_end_index_host(const struct rule_end_index *index, size_t host);

#endif
