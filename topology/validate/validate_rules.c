#include "topology/validate/validate_parts.h"

#include "topology/diag/codes.h"

#define ENDS (INDEX_BIT(INDEX_HOSTS) | INDEX_BIT(INDEX_VLANS))

/* A name alone: a host or a VLAN, or in a rule a set. */
static bool resolve_name(struct validator *validator, struct word name, unsigned kinds,
			 struct referrer referrer, struct rule_end *end)
{
	enum index_kind kind;
	size_t index;

	if (!validate_any(validator, name, kinds, CODE_UNKNOWN_END, referrer, &kind, &index))
		return false;
	switch (kind) {
	case INDEX_HOSTS:
		end->kind = RULE_HOST;
		end->host = index;
		break;
	case INDEX_VLANS:
		end->kind = RULE_VLAN;
		end->vlan = index;
		break;
	default:
		end->kind = RULE_SET;
		end->set = index;
	}
	return true;
}

/* HOST@VLAN, or in a rule SET@VLAN. */
static bool resolve_pair(struct validator *validator, struct word name, struct word vlan,
			 unsigned kinds, struct rule_end *end)
{
	const char *text = arena_format(validator->scratch, "%s@%s", name.text, vlan.text);
	const struct referrer referrer = {"the end", text, "names"};
	enum index_kind kind;
	size_t index;
	bool known;

	known = validate_any(validator, name, kinds & ~INDEX_BIT(INDEX_VLANS), CODE_UNKNOWN_HOST,
			     referrer, &kind, &index);
	end->vlan = validate_vlan(validator, vlan, referrer);
	if (!known || end->vlan == TOPOLOGY_NONE)
		return false;
	if (kind == INDEX_HOSTS) {
		end->host = index;
		return validate_on_vlan(validator, index, end->vlan, NULL, vlan.at);
	}
	end->kind = RULE_SET;
	end->set = validate_set_at(validator, index, end->vlan, text, vlan.at);
	end->vlan = TOPOLOGY_NONE;
	return end->set != TOPOLOGY_NONE;
}

static bool resolve_end(struct validator *validator, const struct doc_end *from, unsigned kinds,
			struct referrer referrer, struct rule_end *end)
{
	*end = (struct rule_end){from->kind, TOPOLOGY_NONE, TOPOLOGY_NONE, TOPOLOGY_NONE,
				 from->cidr};
	if (from->kind == RULE_HOST)
		return resolve_name(validator, from->name, kinds, referrer, end);
	if (from->kind == RULE_HOST_AT_VLAN)
		return resolve_pair(validator, from->name, from->vlan, kinds, end);
	return true;
}

void validate_sets(struct validator *validator)
{
	const struct document *document = validator->document;

	for (size_t i = 0; i < document->set_count; i++) {
		const struct doc_set *from = &document->sets[i];
		struct set *set = &validator->topology->sets[i];
		const struct referrer referrer = {"set", set->name, "contains"};

		set->ends = arena_array(validator->arena, from->end_count, sizeof(*set->ends));
		for (size_t j = 0; j < from->end_count; j++) {
			if (resolve_end(validator, &from->ends[j], ENDS, referrer,
					&set->ends[set->end_count]))
				set->end_count++;
		}
	}
}

void validate_rules(struct validator *validator)
{
	const struct document *document = validator->document;
	struct topology *topology = validator->topology;
	const unsigned kinds = ENDS | INDEX_BIT(INDEX_SETS);

	topology->rules = arena_array(validator->arena, document->rule_count, sizeof(struct rule));
	topology->rule_count = document->rule_count;
	for (size_t i = 0; i < document->rule_count; i++) {
		const struct doc_rule *from = &document->rules[i];
		struct rule *rule = &topology->rules[i];
		const struct referrer referrer = {"a rule", NULL, "names"};

		*rule = from->values;
		resolve_end(validator, &from->from, kinds, referrer, &rule->from);
		resolve_end(validator, &from->to, kinds, referrer, &rule->to);
	}
	validate_sets_at_end(validator);
}
