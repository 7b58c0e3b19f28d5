#include "exec/lab/network/rules.h"

static void expand_rule(const struct topology *topology, const struct rule *rule,
			struct arena *arena, struct rule **rules, size_t *count)
{
	size_t from_count, to_count;
	const struct rule_end *from = topology_ends(topology, &rule->from, &from_count);
	const struct rule_end *to = topology_ends(topology, &rule->to, &to_count);

	for (size_t i = 0; i < from_count; i++) {
		for (size_t j = 0; j < to_count; j++) {
			struct rule *copy = arena_push(arena, rules, count, sizeof(*copy));

			*copy = *rule;
			copy->from = from[i];
			copy->to = to[j];
		}
	}
}

const struct rule *lab_rules_expand(const struct topology *topology, struct arena *arena,
				    size_t *ret_count)
{
	struct rule *rules = NULL;
	size_t count = 0;

	for (size_t i = 0; i < topology->rule_count; i++)
		expand_rule(topology, &topology->rules[i], arena, &rules, &count);
	*ret_count = count;
	return rules;
}
