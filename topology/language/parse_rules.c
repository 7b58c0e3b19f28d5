#include "topology/diag/codes.h"
#include "topology/language/host_ranges.h"
#include "topology/language/parse.h"

#define RULE_EXAMPLE "write - allow: vlan1 -> web-server 80 443"
#define FLOW_EXAMPLE "write [allow: a -> b 80 443, deny: c -> d], with spaces between ports"

/* The longest reason, in bytes. */
#define REASON_MAX 500

/* One entry of the list, which is either allow or deny. */
struct entry {
	struct yaml_pair allow; /* the key is NULL where the entry has none */
	struct yaml_pair deny;  /* likewise */
	struct span action_at;  /* no place: it does not say */
	struct doc_rule rule;   /* what all its rules have in common */
};

static void entry_id(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct entry *entry = into;
	const char *id = parse_text(parser, pair->value);
	struct fault fault;

	if (name_form(id, pair->value->count, parser->scratch, &fault))
		entry->rule.values.id = id;
	else
		parse_fault(parser, pair->value, &fault);
}

static void entry_reason(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct entry *entry = into;
	const char *reason = parse_text(parser, pair->value);
	struct fault fault;

	if (name_remark(reason, pair->value->count, REASON_MAX, parser->scratch, &fault))
		entry->rule.values.reason = reason;
	else
		parse_fault(parser, pair->value, &fault);
}

static const struct key_choice action_choices[] = {
	{"drop", RULE_DROP}, {"reject", RULE_REJECT}, {NULL, 0}};

static const struct key keys[] = {
	{"allow", keys_keep, "allow: vlan1 -> web-server 80 443",
	 "The connections that are allowed, as rule strings.", .kinds = KEY_ONE_OR_MORE,
	 .item = "rule-string", .form = 1, .into = offsetof(struct entry, allow)},
	{"deny", keys_keep, "deny: any -> web-server",
	 "The connections that are denied, as rule strings.", .kinds = KEY_ONE_OR_MORE,
	 .item = "rule-string", .form = 2, .into = offsetof(struct entry, deny)},
	{"id", entry_id, "id: fw2-7", "The owner's name for the rule.", .kinds = YAML_SCALAR,
	 .item = "id"},
	{"reason", entry_reason, "reason: applications use the pooler", "Why the rule exists.",
	 .kinds = YAML_SCALAR, .item = "remark"},
	{"action", NULL, "action: reject", "What happens to a connection that the rule denies.",
	 .kinds = YAML_SCALAR, .choices = action_choices,
	 .into = offsetof(struct entry, rule.values.action),
	 .noted = offsetof(struct entry, action_at)},
};

const struct key_table parse_rule_table = {.name = "rule", .what = "a rule", KEY_ROWS(keys)};

static void read_rules(struct parser *parser, const struct yaml_node *strings,
		       const struct doc_rule *common)
{
	struct document *document = parser->document;
	struct parse_items items = parse_items(parser, strings, NULL);
	const struct yaml_node *item;

	while ((item = parse_next(&items))) {
		struct doc_rule rule = *common;
		struct fault fault;

		if (!parse_scalar(parser, item, "a rule"))
			continue;
		if (!grammar_rule(item, parse_text(parser, item), parser->arena, &rule, &fault)) {
			parse_fault(parser, item, &fault);
			continue;
		}
		rule.values.at = item->at;
		*ARENA_PUSH(parser->scratch, document->rules, document->rule_count) = rule;
	}
}

static void read_entry(struct parser *parser, const struct yaml_node *node)
{
	const size_t errors = parser->diags->errors;
	struct entry entry = {0};

	keys_read(parser, node, &parse_rule_table, &entry);
	entry.rule.values.allow = entry.allow.key != NULL;
	if (entry.allow.key && entry.deny.key)
		diag_error(parser->diags, CODE_KEYS_EXCLUDE, entry.deny.key->at,
			   "a rule allows or denies, not both")
			->help = "write two rules, in the order in which they are to be tried";
	else if (entry.allow.key && entry.action_at.at)
		diag_error(parser->diags, CODE_KEYS_EXCLUDE, entry.action_at,
			   "'action' is for rules that deny, and this rule allows")
			->help = "drop it";
	else if (entry.allow.key || entry.deny.key)
		read_rules(parser, (entry.allow.key ? entry.allow : entry.deny).value, &entry.rule);
	else if (parser->diags->errors == errors)
		diag_error(parser->diags, CODE_KEY_MISSING, node->at,
			   "a rule has 'allow' or 'deny'")
			->help = RULE_EXAMPLE;
}

void parse_rules(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct yaml_walk walk = yaml_walk(pair->value);
	const struct yaml_node *item;

	(void)into;
	while ((item = yaml_next(&walk))) {
		if (item->kind == YAML_MAPPING)
			read_entry(parser, item);
		else if (!item->reported)
			diag_error(parser->diags, CODE_RULE_FORM, item->at,
				   "a rule begins with 'allow:' or 'deny:'")
				->help =
				pair->value->style == YAML_FLOW ? FLOW_EXAMPLE : RULE_EXAMPLE;
	}
}

/* --- sets */

static bool read_end(struct parser *parser, const struct yaml_node *scalar, struct doc_end *ret_end)
{
	struct fault fault;

	return grammar_end(scalar, parse_text(parser, scalar), parser->arena, ret_end, &fault) ||
	       parse_fault(parser, scalar, &fault);
}

/* Adds the hosts of a range, by their names. */
static void add_range(struct parser *parser, const struct yaml_node *scalar,
		      const struct text_range *range, struct doc_set *set)
{
	if (!host_range_room(parser, range->count, scalar->at))
		return;
	for (uint32_t i = 0; i < range->count; i++)
		*ARENA_PUSH(parser->scratch, set->ends, set->end_count) = (struct doc_end){
			.kind = RULE_HOST,
			.name = {text_range_item(range, i, parser->arena), scalar->at}};
}

static void read_set(struct parser *parser, const struct yaml_node *name,
		     const struct yaml_node *value)
{
	struct document *document = parser->document;
	struct doc_set *set = &document->sets[document->set_count++];
	struct parse_items items = {0};
	const size_t errors = parser->diags->errors;
	const struct yaml_node *item;
	size_t count = 0;

	set->name = parse_new_name(parser, name);
	if (value)
		items = parse_items(parser, value, &count);
	while (count && (item = parse_next(&items))) {
		struct text_range range;
		struct doc_end end = {.kind = RULE_ANY};

		if (!parse_scalar(parser, item, "a host, a VLAN or a range of addresses"))
			continue;
		if (text_range_read(parse_text(parser, item), &range))
			add_range(parser, item, &range, set);
		else if (!read_end(parser, item, &end))
			continue;
		else if (end.kind != RULE_ANY)
			*ARENA_PUSH(parser->scratch, set->ends, set->end_count) = end;
		else
			diag_error(parser->diags, CODE_NAME_RESERVED, item->at,
				   "'any' is everything already, and no part of a set")
				->help = "write 'any' in the rule itself";
	}
	if (set->end_count == 0 && parser->diags->errors == errors)
		diag_error(parser->diags, CODE_NOTHING, name->at, "the set '%s' is empty",
			   set->name.text)
			->help = "write NAME: [HOST, VLAN, 10.0.0.0/8]";
}

void parse_sets(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	parse_entries(parser, pair->value, "a set", read_set);
}
