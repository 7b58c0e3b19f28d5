/*
 * Rule query: which rules have an end that matches an address, or that covers another end.
 *
 * match_rule() tries all rules; the lints ask about every rule and every host, so they look only at
 * the few rules whose end names the host, one of its VLANs, a range around its address, or `any`.
 * There is one index for each side of the rules, made once, in the caller's arena. A query spends the
 * budget of the lint that asks.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_RULE_QUERY_H
#define TUNPLAN_TOPOLOGY_LINT_RULE_QUERY_H

#include "topology/base/id_lists.h"
#include "topology/lint/subsume.h"
#include "topology/model/match.h"
#include "topology/model/range_index.h"
#include "topology/model/rule_key.h"

/* A list of rules, by their numbers in the topology. Queries refill it: it keeps its room. */
struct rule_list {
	size_t *items; /* each once; in an arena */
	size_t count;
	size_t room;
};

/* Adds a rule that is not in the list. */
void rule_list_add(struct rule_list *list, size_t rule, struct arena *arena);

/* An end, and whose it is. */
struct rule_entry {
	const struct rule_end *end;
	size_t rule; /* or, from rule_count on, a set */
};

/* The ends of all rules on one side, indexed by what they name. */
struct rule_end_index {
	const struct topology *topology;
	struct subsume subsume;
	enum rule_side side;
	struct arena *arena;
	struct rule_entry
		*entries; /* of the rules, in their order, then of the sets that rules name */
	size_t entry_count;
	struct id_lists named;     /* entries by what their ends name (rule_key.h) */
	struct range_index ranges; /* owned by entries */
	size_t *set_seen; /* of each set: the last query that came to it; 0: no rule names it */
	size_t query;     /* which one it is */
};

/* Indexes one side of the rules of subsume->vlan_members->topology. */
void rule_end_index_init(struct rule_end_index *index, const struct subsume *subsume,
			 enum rule_side side, struct arena *arena);

/*
 * Lists the rules whose end stands for a point. What was in the list is gone; when the budget is spent,
 * it is anything.
 */
void rule_query_match(struct rule_end_index *index, const struct match_point *point,
		      struct rule_list *list);

/* Returns how many ends rule_query_cover() looks at, ranges apart. */
size_t rule_query_bound(struct rule_end_index *index, const struct rule_end *end);

/* Lists the rules with numbers below `before` whose end covers another, in the same way. */
void rule_query_cover(struct rule_end_index *index, const struct rule_end *end, size_t before,
		      struct rule_list *list);

#endif
