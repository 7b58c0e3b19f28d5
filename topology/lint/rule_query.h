/*
 * Rule query: which rules have an end that matches an address, or that covers another end.
 *
 * Answers from the index of one side of the rules (rule_end_index.h), and spends the budget of the
 * lint that asks.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_RULE_QUERY_H
#define TUNPLAN_TOPOLOGY_LINT_RULE_QUERY_H

#include "topology/lint/rule_end_index.h"
#include "topology/lint/rule_list.h"
#include "topology/model/match.h"

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
