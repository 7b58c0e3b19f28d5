#include "topology/language/keys.h"

#include <string.h>

#include "topology/diag/codes.h"
#include "topology/diag/suggest.h"
#include "topology/language/key_hints.h"
#include "topology/language/parse.h"

bool keys_has(const struct key_table *table, const struct key *key)
{
	return key->shared || !table->shared;
}

static const struct key *find_key(const struct key_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++) {
		if (*table->keys[i].name == *name && strcmp(table->keys[i].name, name) == 0)
			return keys_has(table, &table->keys[i]) ? &table->keys[i] : NULL;
	}
	return NULL;
}

/* "vlans, ssh and services" */
static const char *list_keys(const struct parser *parser, const struct key_table *table)
{
	const char *text = NULL;
	const char *last = NULL;

	for (size_t i = 0; i < table->count; i++) {
		if (!keys_has(table, &table->keys[i]))
			continue;
		if (last)
			text = text ? arena_format(parser->scratch, "%s, %s", text, last) : last;
		last = table->keys[i].name;
	}
	return text ? arena_format(parser->scratch, "%s and %s", text, last) : last;
}

/*
 * In braces, "reason: behind NAT, calls out" is the value "behind NAT" and the key "calls out", which has
 * no value. before: the last pair with a value before it, or NULL.
 */
static bool is_split_text(const struct parser *parser, const struct yaml_node *mapping,
			  const struct yaml_pair *before, const struct yaml_pair *pair)
{
	return mapping->style == YAML_FLOW && before && before->value->kind == YAML_SCALAR &&
	       before->value->style == YAML_PLAIN && yaml_is_null(parser->tree, pair->value);
}

/* In braces, "a -> b 22, 80" is the value "a -> b 22" and the key "80". */
static bool is_port(const char *key)
{
	return *key && key[strspn(key, "0123456789-")] == '\0';
}

static void help_split_text(struct parser *parser, struct diag *diag,
			    const struct yaml_pair *before)
{
	diag_help(parser->diags, diag,
		  "inside { } a comma ends a value: to have it in the text, quote all of it, "
		  "%s: \"%s, …\"",
		  parse_text(parser, before->key), parse_text(parser, before->value));
}

static void report_unknown(struct parser *parser, const struct yaml_node *mapping,
			   const struct yaml_pair *before, const struct yaml_pair *pair,
			   const struct key_table *table)
{
	const struct yaml_node *key = pair->key;
	const char *name = parse_text(parser, key);
	const char *hint = key_hint(table->name, name);
	const bool split = is_split_text(parser, mapping, before, pair);
	struct suggest suggest;
	struct diag *diag;

	diag = diag_error(parser->diags, CODE_UNKNOWN_KEY, key->at, "%s has no key '%s'",
			  table->what, name);
	suggest_init(&suggest, name);
	for (size_t i = 0; i < table->count; i++) {
		if (keys_has(table, &table->keys[i]))
			suggest_offer(&suggest, table->keys[i].name, i);
	}
	if (split && is_port(name))
		diag->help = "inside { } a comma separates keys: put spaces between ports";
	else if (split && (strchr(name, ' ') || (!hint && !suggest.best)))
		help_split_text(parser, diag, before);
	else if (hint)
		diag->help = hint;
	else if (suggest.best)
		diag_help(parser->diags, diag, "did you mean '%s'?", suggest.best);
	else
		diag_help(parser->diags, diag, "%s takes %s%s", table->what,
			  list_keys(parser, table), table->advice ? table->advice : "");
}

/* Hands a pair to its reader. */
static void read_value(struct parser *parser, const struct yaml_pair *pair, const struct key *key,
		       void *into)
{
	unsigned char *bytes = into;
	int number;

	_Static_assert(sizeof(bool) == 1, "a choice is stored as a byte");
	if (key->noted)
		memcpy(bytes + key->noted, &pair->key->at, sizeof(pair->key->at));
	if (key->read)
		key->read(parser, pair, bytes + key->into);
	else if (key->table)
		keys_read(parser, pair->value, key->table, bytes + key->into);
	else if (parse_choice(parser, pair->value, key->choices, &number))
		bytes[key->into] = (unsigned char)number;
}

static bool read_pair(struct parser *parser, const struct yaml_node *mapping,
		      const struct yaml_pair *before, const struct yaml_pair *pair,
		      const struct key_table *table, void *into)
{
	const char *name = parse_text(parser, pair->key);
	const struct key *key = find_key(table, name);

	if (!key && strncmp(name, "x-", 2) == 0)
		return true;
	/* Of a key that is there twice, the first counts. */
	if (pair->key->reported)
		return false;
	if (!key) {
		report_unknown(parser, mapping, before, pair, table);
		return false;
	}
	if (pair->value->reported)
		return false;
	if (yaml_is_null(parser->tree, pair->value))
		return true;
	if (!parse_kind(parser, pair, key->kinds, key->example))
		return false;
	read_value(parser, pair, key, into);
	return true;
}

bool keys_read(struct parser *parser, const struct yaml_node *mapping,
	       const struct key_table *table, void *into)
{
	struct yaml_walk walk = yaml_walk(mapping);
	struct yaml_pair pair, before = {0};
	bool good = true;

	while (yaml_next_pair(&walk, &pair)) {
		if (!read_pair(parser, mapping, before.key ? &before : NULL, &pair, table, into))
			good = false;
		if (!yaml_is_null(parser->tree, pair.value))
			before = pair;
	}
	return good;
}

void keys_keep(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	*(struct yaml_pair *)into = *pair;
}
