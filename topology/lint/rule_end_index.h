/*
 * Rule end index: the ends of all rules, indexed by what they name.
 *
 * match_rule() tries all rules; the lints ask about every rule and every host, so they look only at
 * the few rules whose end names the host, one of its VLANs, a range around its address, or `any`
 * (rule_query.h). There is one index for each side of the rules, made once, in the caller's arena.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_RULE_END_INDEX_H
#define TUNPLAN_TOPOLOGY_LINT_RULE_END_INDEX_H

#include "topology/base/id_lists.h"
#include "topology/lint/subsume.h"
#include "topology/model/match.h"
#include "topology/model/range_index.h"
#include "topology/model/rule_key.h"

/* An end, and whose it is. */
struct rule_entry {
	const struct rule_end *end;
	size_t rule; /* or, from rule_count on, a set */
};

struct rule_end_index {
	const struct topology *topology;
	struct subsume subsume;
	enum rule_side side;
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

#endif
