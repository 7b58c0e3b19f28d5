#include "topology/keys.h"

#include <string.h>

#include "topology/codes.h"
#include "topology/parse.h"
#include "topology/suggest.h"

static const struct key *find_key(const struct key_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->keys[i].name, name) == 0)
			return &table->keys[i];
	}
	return NULL;
}

/* "vlans, ssh or services": the keys that this version reads. */
static const char *list_keys(const struct parser *parser, const struct key_table *table)
{
	const char *text = NULL;
	const char *last = NULL;

	for (size_t i = 0; i < table->count; i++) {
		if (table->keys[i].kinds == KEY_LATER)
			continue;
		if (last)
			text = text ? arena_format(parser->arena, "%s, %s", text, last) : last;
		last = table->keys[i].name;
	}
	return text ? arena_format(parser->arena, "%s and %s", text, last) : last;
}

/* In braces, "a -> b 22, 80" is the value "a -> b 22" and the key "80". */
static bool is_split_port(const struct yaml_node *mapping, const char *key)
{
	return mapping->flow && *key && key[strspn(key, "0123456789-")] == '\0';
}

static void report_unknown(struct parser *parser, const struct yaml_node *mapping,
			   const struct yaml_node *key, const struct key_table *table)
{
	struct suggest suggest;
	struct diag *diag;

	diag = diag_error(parser->diags, CODE_UNKNOWN_KEY, key->at, "%s has no key '%s'",
			  table->what, key->text);
	suggest_init(&suggest, key->text);
	for (size_t i = 0; i < table->count; i++)
		suggest_offer(&suggest, table->keys[i].name, i);
	if (is_split_port(mapping, key->text))
		diag->help = "inside { } a comma separates keys: put spaces between ports";
	else if (suggest.best)
		diag_help(parser->diags, diag, "did you mean '%s'?", suggest.best);
	else
		diag_help(parser->diags, diag, "%s takes %s%s", table->what,
			  list_keys(parser, table), table->advice ? table->advice : "");
}

static bool read_pair(struct parser *parser, const struct yaml_node *mapping,
		      const struct yaml_pair *pair, const struct key_table *table, void *into)
{
	const struct key *key = find_key(table, pair->key->text);

	if (!key) {
		report_unknown(parser, mapping, pair->key, table);
		return false;
	}
	if (key->kinds == KEY_LATER) {
		diag_error(parser->diags, CODE_LATER_KEY, pair->key->at,
			   "'%s' is part of the language, but this version of tunplan does not "
			   "read it yet",
			   key->name)
			->help = "take it out for now";
		return false;
	}
	if (yaml_is_null(pair->value) || pair->value->reported)
		return !pair->value->reported;
	if (!parse_kind(parser, pair, key->kinds, key->example))
		return false;
	key->read(parser, pair, into);
	return true;
}

bool keys_read(struct parser *parser, const struct yaml_node *mapping,
	       const struct key_table *table, void *into)
{
	bool good = true;

	for (size_t i = 0; i < mapping->count; i++) {
		const struct yaml_pair *pair = &mapping->pairs[i];

		if (strncmp(pair->key->text, "x-", 2) != 0 &&
		    !read_pair(parser, mapping, pair, table, into))
			good = false;
	}
	return good;
}
