#include "topology/codes.h"
#include "topology/parse.h"

#define RULE_EXAMPLE "write - allow: vlan1 -> web-server 80 443"
#define FLOW_EXAMPLE "write [allow: a -> b 80 443, deny: c -> d], with spaces between ports"

/* The strings of one entry of the list, which is either allow or deny. */
struct entry {
	const struct yaml_pair *allow;
	const struct yaml_pair *deny;
};

static void entry_allow(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	((struct entry *)into)->allow = pair;
}

static void entry_deny(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	((struct entry *)into)->deny = pair;
}

static const struct key keys[] = {
	{"allow", entry_allow, "allow: vlan1 -> web-server 80 443",
	 "The connections that are allowed, as rule strings.", .kinds = KEY_ONE_OR_MORE,
	 .item = "rule-string", .form = 1},
	{"deny", entry_deny, "deny: any -> web-server",
	 "The connections that are denied, as rule strings.", .kinds = KEY_ONE_OR_MORE,
	 .item = "rule-string", .form = 2},
	KEY_LATER_ROW("id"),
	KEY_LATER_ROW("reason"),
	KEY_LATER_ROW("action"),
};

const struct key_table parse_rule_table = {.name = "rule", .what = "a rule", KEY_ROWS(keys)};

static void read_rules(struct parser *parser, const struct yaml_node *strings, bool allow)
{
	struct document *document = parser->document;

	for (size_t i = 0; i < parse_item_count(strings); i++) {
		struct doc_rule rule = {.allow = allow, .string = parse_item(strings, i)};
		struct fault fault;

		if (!parse_scalar(parser, rule.string, "a rule"))
			continue;
		if (notation_rule(rule.string->text, parser->arena, &rule.rule, &fault))
			*(struct doc_rule *)arena_push(parser->arena, &document->rules,
						       &document->rule_count, sizeof(rule)) = rule;
		else
			parse_fault(parser, rule.string, &fault);
	}
}

static void read_entry(struct parser *parser, const struct yaml_node *node)
{
	const size_t errors = parser->diags->errors;
	struct entry entry = {0};

	keys_read(parser, node, &parse_rule_table, &entry);
	if (entry.allow && entry.deny)
		diag_error(parser->diags, CODE_KEYS_EXCLUDE, entry.deny->key->at,
			   "a rule allows or denies, not both")
			->help = "write two rules, in the order in which they are to be tried";
	else if (entry.allow)
		read_rules(parser, entry.allow->value, true);
	else if (entry.deny)
		read_rules(parser, entry.deny->value, false);
	else if (parser->diags->errors == errors)
		diag_error(parser->diags, CODE_KEY_MISSING, node->at,
			   "a rule has 'allow' or 'deny'")
			->help = RULE_EXAMPLE;
}

void parse_rules(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)into;
	for (size_t i = 0; i < pair->value->count; i++) {
		const struct yaml_node *item = pair->value->items[i];

		if (item->kind == YAML_MAPPING)
			read_entry(parser, item);
		else if (!item->reported)
			diag_error(parser->diags, CODE_RULE_FORM, item->at,
				   "a rule begins with 'allow:' or 'deny:'")
				->help = pair->value->flow ? FLOW_EXAMPLE : RULE_EXAMPLE;
	}
}
