/*
 * Rule list: a list of rules, by their numbers in the topology.
 *
 * rule_query.h refills it again and again, so it keeps its memory.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_RULE_LIST_H
#define TUNPLAN_TOPOLOGY_LINT_RULE_LIST_H

#include <stddef.h>

struct rule_list {
	size_t *items; /* each once; from malloc() */
	size_t count;
	size_t room;
};

/* Adds a rule that is not in the list. */
void rule_list_add(struct rule_list *list, size_t rule);

/* Puts the rules in their order. */
void rule_list_sort(struct rule_list *list);

/* Frees a list. Accepts a zeroed one. */
void rule_list_finish(struct rule_list *list);

#endif
