#include "topology/language/schema.h"

#include <string.h>

#include "topology/language/options.h"
#include "topology/language/parse.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Patterns, each for the whole of a value: of what ECMA 262 and all its relatives have in common. They say
 * what a value looks like; what is right in it, `check` knows better, and nobody could read the pattern.
 */
#define NAME    "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
#define HOSTS   "[A-Za-z0-9](?:[A-Za-z0-9._\\[\\]-]*[A-Za-z0-9\\]])?"
#define NUMERIC "[0-9A-Fa-f:.]+"
#define SECONDS "[1-9][0-9]{0,8}[smhd]?"
#define PORT    "[1-9][0-9]{0,4}"
#define SOCKET  "/[A-Za-z0-9._/+=@~-]+"
#define ARROW   "[\\s\\S]+->[\\s\\S]+"
#define WORD    "\\S+"
#define OPTION  "[A-Za-z0-9._:/@+=*!?,^~-]"

#define PORT_MAX   65535
#define NUMBER_MAX 999999999
#define YEAR_S     31536000

/* A word or string. */
struct word_form {
	const char *name;
	const char *title;
	const char *pattern;    /* which says nothing about what is no text */
	json_int_t least, most; /* where YAML may take it for a number: most is 0 where it cannot */
	bool boolean;           /* YAML may take it for one */
	bool any;               /* it may be any scalar at all */
};

/* What YAML may take a value for. */
#define TEXT             .any = false
#define ANY              .any = true
#define NUMBER(from, to) .least = (from), .most = (to)

static const struct word_form words[] = {
	{"name", "a name: letters, digits, '.', '_' and '-'", NAME, TEXT},
	{"port", "a port: a number from 1 to 65535", PORT, NUMBER(1, PORT_MAX)},
	{"number", "a number, 0 or more", "0|[1-9][0-9]{0,8}", NUMBER(0, NUMBER_MAX)},
	{"duration", "a duration: 90, 90s, 5m, 2h or 1d", SECONDS, NUMBER(1, YEAR_S)},
	{"probe", "yes, no, or a duration of 20 seconds at least: 90, 90s, 5m, 2h or 1d",
	 "yes|no|true|false|([2-9][0-9]|[1-9][0-9]{2,8})s?|[1-9][0-9]{0,8}[mhd]",
	 NUMBER(TOPOLOGY_PROBE_MIN_S, YEAR_S), .boolean = true},
	{"host-name", "the name of a host, or of several: node[001-128]", HOSTS, TEXT},
	{"address", "an address: IPv4, IPv6 or a name",
	 NUMERIC "|" NAME "|\\S*\\[[0-9]+-[0-9]+\\]\\S*", TEXT},
	{"numeric", "an address: IPv4 or IPv6", NUMERIC, TEXT},
	{"range", "a range of addresses: 10.0.0.0/8 or 2001:db8::/32", NUMERIC "/[0-9]{1,3}", TEXT},
	{"mac", "a MAC address: 00:1a:2b:3c:4d:5e", "[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}", TEXT},
	{"at", "an address and a port: 198.51.100.7:2022, [2001:db8::1]:22 or localhost:2201",
	 "[^ ]+:" PORT, TEXT},
	{"user", "a login name", "[A-Za-z0-9._@+][A-Za-z0-9._@+-]*", ANY},
	{"identity", "the path of a private key", "[/~][A-Za-z0-9._/@+=~-]*", ANY},
	{"alias", "an alias: one Host of your ssh_config", NAME, ANY},
	{"option", "the value of an option of ssh: one word", " *" OPTION "+ *", ANY},
	{"option-of-two", "the value of an option of ssh: one word or two",
	 " *" OPTION "+(?: +" OPTION "+)? *", ANY},
	{"option-of-any", "the value of an option of ssh", " *" OPTION "(?: |" OPTION ")*", ANY},
	{"permit-open", "HOST:PORT as sshd_config has it, any or none", WORD, TEXT},
	{"permit-listen", "PORT or HOST:PORT as sshd_config has it, any or none", WORD,
	 NUMBER(1, PORT_MAX)},
	{"socket", "the path of a unix socket", SOCKET, TEXT},
	{"listen", "any, loopback, or a VLAN of the host", NAME, TEXT},
	{"end", "a host, a VLAN, HOST@VLAN or a range of addresses", WORD, TEXT},
	{"rule-string", "a rule: from -> to, then ports", ARROW, TEXT},
	{"id", "a word of letters, digits, '.', '_' and '-'", NAME, ANY},
	{"remark", "one line of text", "[^\\n\\r]{0,500}", ANY},
	{"ingress", "an ingress: PORT, HOST:PORT, ADDRESS:PORT, auto, or the path of a socket",
	 WORD, NUMBER(1, PORT_MAX)},
	{"egress", "an egress: HOST/SERVICE, HOST:PORT, HOST:PATH or socks@HOST",
	 "socks@" NAME "|[^ ]+[/:][^ ]+", TEXT},
	{"joint", "a port, or the path of a socket", PORT "|" SOCKET, NUMBER(1, PORT_MAX)},
	{"tunnel-string", "a tunnel: 7999 -> HOST/SERVICE", ARROW, TEXT},
	{"member", "a tunnel, a group, or a pattern of tunnels with * and ?", "[A-Za-z0-9._*?-]+",
	 TEXT},
	{"path", "the path of a file, or a pattern of paths", "[\\s\\S]+", ANY},
	{"lint", "the code of a lint: L011", "L[0-9]{3}", TEXT},
	{"variable-name", "the name of a variable: letters, digits and '_'",
	 "[A-Za-z_][A-Za-z0-9_]*", TEXT},
	{"text", "any text", "[\\s\\S]*", ANY},
};

/* Words that are always the same: editors offer them. */
static const struct word_form version = {"version", "the version of the language, 1", "1", TEXT};
static const struct word_form none = {"none", "'none' (there is no sshd) or a mapping", "none",
				      TEXT};

/* What a value may be. item, mapping and entry are names of definitions. */
struct value_form {
	unsigned kinds; /* bits of enum yaml_kind */
	const char *item;
	const char *mapping;
	const char *entry; /* of a list, if that is not an item */
	bool filled;
	bool null;
};

#define ANY_KIND (YAML_SCALAR | YAML_LIST | YAML_MAPPING)

/* Values that the parser reads without a table: entries under names of the user's choice. */
static const struct {
	const char *name;
	const char *named; /* a mapping to such values, from names of this kind; NULL: one value */
	struct value_form value;
} others[] = {
	{"vlans", "name", {ANY_KIND, .item = "range", .mapping = "vlan", .null = true}},
	{"hosts", "host-name", {ANY_KIND, .item = "name", .mapping = "host", .null = true}},
	{"addresses", "name", {KEY_ONE_OR_MORE, .item = "address", .null = true}},
	{"services", "name", {YAML_SCALAR | YAML_MAPPING, .item = "port", .mapping = "service"}},
	{"publications", "name", {KEY_ONE_OR_MORE, .item = "at", .null = true}},
	{"users", "name", {YAML_SCALAR, .item = "user", .null = true}},
	{"sets", "name", {KEY_ONE_OR_MORE, .item = "end", .filled = true}},
	{"tunnels",
	 "name",
	 {ANY_KIND, "tunnel-string", .mapping = "tunnel", .entry = "forward-entry",
	  .filled = true}},
	{"groups", "name", {KEY_ONE_OR_MORE, .item = "member"}},
	{"places", "name", {YAML_MAPPING, .mapping = "place", .null = true}},
	{"variables", "variable-name", {YAML_SCALAR | YAML_MAPPING, "text", .mapping = "variable"}},
	{"forward-entry",
	 NULL,
	 {YAML_SCALAR | YAML_MAPPING, "tunnel-string", .mapping = "forward"}},
};

static json_t *reference(const char *name)
{
	return json_pack("{ss+}", "$ref", "#/definitions/", name);
}

static json_t *of_type(const char *type)
{
	return json_pack("{ss}", "type", type);
}

/*
 * "anyOf": […], with what each kind may be.
 *
 * Mappings are judged outside of it: of an unknown key, editors would say that it is no string, as the
 * first alternative has it.
 */
static void add_value(json_t *schema, const struct value_form *value)
{
	json_t *any = json_array();

	if (value->kinds & YAML_MAPPING) {
		json_object_set_new(schema, "if", of_type("object"));
		json_object_set_new(schema, "then", reference(value->mapping));
	}
	json_object_set_new(schema, "anyOf", any);
	if (value->kinds & YAML_SCALAR)
		json_array_append_new(any, reference(value->item));
	if (value->kinds & YAML_LIST) {
		json_t *list = of_type("array");

		if (value->filled)
			json_object_set_new(list, "minItems", json_integer(1));
		json_object_set_new(list, "items",
				    reference(value->entry ? value->entry : value->item));
		json_array_append_new(any, list);
	}
	if (value->kinds & YAML_MAPPING)
		json_array_append_new(any, of_type("object"));
	if (value->null)
		json_array_append_new(any, of_type("null"));
}

/*
 * The words, as editors offer them. A YAML 1.2 reader makes a boolean of two of them, unless they are
 * quoted, and a variable may stand for one.
 */
static void add_words(json_t *any, const struct key_choice *choices)
{
	json_t *words_of = json_array();
	bool boolean = false;

	for (; choices->word; choices++) {
		const bool yes = strcmp(choices->word, "true") == 0;

		if (yes || strcmp(choices->word, "false") == 0) {
			json_array_append_new(words_of, json_boolean(yes));
			boolean = true;
		} else {
			json_array_append_new(words_of, json_string(choices->word));
		}
	}
	json_array_append_new(
		any, json_pack("{ss so}", "title", "one of these words", "enum", words_of));
	json_array_append_new(any, json_pack("{ss ss}", "type", "string", "pattern",
					     boolean ? "^(?:true|false)$|[$][{]" : "[$][{]"));
}

static void add_choices(json_t *schema, const struct key *key)
{
	json_t *any = json_array(), *entry = json_array();

	json_object_set_new(schema, "anyOf", any);
	add_words(any, key->choices);
	add_words(entry, key->choices);
	if (key->kinds & YAML_LIST)
		json_array_append_new(
			any, json_pack("{ss s{sO}}", "type", "array", "items", "anyOf", entry));
	json_array_append_new(any, of_type("null"));
	json_decref(entry);
}

static json_t *key_schema(const struct key *key)
{
	const struct value_form value = {
		.kinds = key->kinds,
		.item = key->item,
		.mapping = key->mapping,
		.filled = key->filled,
		.null = key->form == 0,
	};
	json_t *schema = json_pack("{ss}", "description", key->summary);

	if (key->choices)
		add_choices(schema, key);
	else
		add_value(schema, &value);
	return schema;
}

/* Adds to an array the keys of a form, or, if others, all that are of another form, each alone. */
static json_t *form_keys(const struct key_table *table, unsigned form, bool others_of)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < table->count; i++) {
		const struct key *key = &table->keys[i];

		if (!key->form || !keys_has(table, key) || (key->form == form) == others_of)
			continue;
		json_array_append_new(keys, others_of ? json_pack("{s[s]}", "required", key->name)
						      : json_string(key->name));
	}
	return keys;
}

/* One form needs its keys; of several, one. */
static void add_forms(json_t *schema, const struct key_table *table)
{
	json_t *any = json_array();
	unsigned forms = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (table->keys[i].form > forms && keys_has(table, &table->keys[i]))
			forms = table->keys[i].form;
	}
	for (unsigned form = 1; form <= forms && forms > 1; form++)
		json_array_append_new(any, json_pack("{so s{so}}", "required",
						     form_keys(table, form, false), "not", "anyOf",
						     form_keys(table, form, true)));
	if (forms == 1)
		json_object_set_new(schema, "required", form_keys(table, 1, false));
	if (forms > 1)
		json_object_set(schema, "anyOf", any);
	json_decref(any);
}

static json_t *table_schema(const struct key_table *table)
{
	json_t *properties = json_object();
	json_t *schema = json_pack("{ss ss so}", "title", table->what, "type", "object",
				   "properties", properties);

	for (size_t i = 0; i < table->count; i++) {
		if (keys_has(table, &table->keys[i]))
			json_object_set_new(properties, table->keys[i].name,
					    key_schema(&table->keys[i]));
	}
	add_forms(schema, table);
	json_object_set_new(schema, "patternProperties", json_pack("{s{}}", "^x-"));
	json_object_set_new(schema, "additionalProperties", json_false());
	return schema;
}

static json_t *types(const struct word_form *word)
{
	json_t *list = json_pack("[s]", "string");

	if (word->any)
		json_array_append_new(list, json_string("number"));
	if (word->any || word->boolean)
		json_array_append_new(list, json_string("boolean"));
	if (word->most)
		json_array_append_new(list, json_string("integer"));
	return list;
}

/*
 * What a variable stands for is not known here. patternErrorMessage is not of draft-07: editors show it,
 * and would show the pattern without it.
 */
static json_t *word_schema(const struct word_form *word)
{
	json_t *schema = json_pack("{ss so}", "title", word->title, "type", types(word));

	if (word->most) {
		json_object_set_new(schema, "minimum", json_integer(word->least));
		json_object_set_new(schema, "maximum", json_integer(word->most));
	}
	json_object_set_new(schema, "pattern", json_sprintf("^(?:%s)$|[$][{]", word->pattern));
	json_object_set_new(schema, "patternErrorMessage",
			    json_sprintf("this is not %s", word->title));
	return schema;
}

static json_t *fixed_schema(const struct word_form *word, json_t *value)
{
	return json_pack("{ss s[{so so} o]}", "title", word->title, "anyOf", "const", value,
			 "errorMessage", json_sprintf("this is not %s", word->title),
			 word_schema(word));
}

static void add_others(json_t *definitions)
{
	for (size_t i = 0; i < COUNT(others); i++) {
		json_t *value = json_object();

		add_value(value, &others[i].value);
		if (others[i].named)
			value = json_pack("{ss s{ss s[o]} so}", "type", "object", "propertyNames",
					  "title", others[i].named, "allOf",
					  reference(others[i].named), "additionalProperties",
					  value);
		json_object_set_new(definitions, others[i].name, value);
	}
}

/* The options of the ssh client that a topology may set. */
static json_t *options_schema(void)
{
	json_t *properties = json_object();
	const struct option *option;

	for (size_t i = 0; (option = option_row(i)); i++) {
		const char *value = option->words == 2 ? "option-of-two" : "option-of-any";

		if (!option->refused)
			json_object_set_new(properties, option->keyword,
					    reference(option->words ? value : "option"));
	}
	return json_pack("{ss so sb}", "type", "object", "properties", properties,
			 "additionalProperties", false);
}

json_t *schema_json(void)
{
	json_t *definitions = json_object();
	const struct key_table *table;

	for (size_t i = 0; (table = parse_table(i)); i++)
		json_object_set_new(definitions, table->name, table_schema(table));
	add_others(definitions);
	json_object_set_new(definitions, "options", options_schema());
	json_object_set_new(definitions, version.name, fixed_schema(&version, json_integer(1)));
	json_object_set_new(definitions, none.name, fixed_schema(&none, json_string("none")));
	for (size_t i = 0; i < COUNT(words); i++)
		json_object_set_new(definitions, words[i].name, word_schema(&words[i]));
	return json_pack("{ss ss s[o] so}", "$schema", "http://json-schema.org/draft-07/schema#",
			 "title", "tunplan(5): the topology of a network and its tunnels", "allOf",
			 reference(parse_table(0)->name), "definitions", definitions);
}
