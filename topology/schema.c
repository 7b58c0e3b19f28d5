#include "topology/schema.h"

#include "topology/parse.h"
#include "topology/patterns.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A word or string, by its pattern. */
struct word_form {
	const char *name;
	const char *summary;
	const char *pattern;
	const char *other; /* a schema of values that YAML reads as no string, or NULL */
};

#define PORT_NUMBER "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535}"
#define ANY_SCALAR  "{\"type\": [\"number\", \"boolean\"]}"

static const struct word_form words[] = {
	{"version", "the version of the language, 1", "1", "{\"const\": 1}"},
	{"name", "a name: letters, digits, '.', '_' and '-'", PATTERN_NEW_NAME, NULL},
	{"port", "a port: a number from 1 to 65535", PATTERN_PORT, PORT_NUMBER},
	{"address", "an address: IPv4, IPv6 or a name", PATTERN_ADDRESS, NULL},
	{"range", "a range of addresses: 10.0.0.0/8 or 2001:db8::/32", PATTERN_RANGE, NULL},
	{"none", "'none' (there is no sshd) or a mapping", "none", NULL},
	{"user", "a login name", PATTERN_USER, ANY_SCALAR},
	{"identity", "the path of a private key", PATTERN_IDENTITY, ANY_SCALAR},
	{"alias", "an alias: one Host of your ssh_config", PATTERN_NAME, ANY_SCALAR},
	{"rule-string", "a rule: from -> to, then ports", PATTERN_RULE, NULL},
	{"ingress", "an ingress: PORT, HOST:PORT, ADDRESS:PORT, auto, or the path of a socket",
	 PATTERN_INGRESS, PORT_NUMBER},
	{"egress", "an egress: HOST/SERVICE, HOST:PORT, HOST:PATH or socks@HOST", PATTERN_EGRESS,
	 NULL},
	{"tunnel-string", "a tunnel: 7999 -> HOST/SERVICE", PATTERN_TUNNEL, NULL},
	{"member", "a tunnel, a group, or a pattern of tunnels with * and ?", PATTERN_MEMBER, NULL},
};

/* What a value may be. item and mapping are names of definitions. */
struct value_form {
	unsigned kinds; /* bits of enum yaml_kind */
	const char *item;
	const char *mapping;
	bool filled;
	bool null;
};

#define ANY_KIND (YAML_SCALAR | YAML_LIST | YAML_MAPPING)

/* Values that the parser reads without a table: entries under names of the user's choice. */
static const struct {
	const char *name;
	bool named; /* a mapping from names to such values; else one value */
	struct value_form value;
} others[] = {
	{"vlans", true, {ANY_KIND, .item = "range", .mapping = "vlan", .null = true}},
	{"hosts", true, {ANY_KIND, .item = "name", .mapping = "host", .null = true}},
	{"addresses", true, {KEY_ONE_OR_MORE, .item = "address", .null = true}},
	{"services", true, {YAML_SCALAR | YAML_MAPPING, .item = "port", .mapping = "service"}},
	{"tunnels", true, {ANY_KIND, "forward-entry", .mapping = "tunnel", .filled = true}},
	{"groups", true, {KEY_ONE_OR_MORE, .item = "member", .filled = true}},
	{"forward-entry",
	 false,
	 {YAML_SCALAR | YAML_MAPPING, "tunnel-string", .mapping = "forward"}},
};

static void add_string(struct strbuf *text, const char *string)
{
	strbuf_puts(text, "\"");
	for (; *string; string++) {
		if (*string == '"' || *string == '\\')
			strbuf_puts(text, "\\");
		strbuf_add(text, string, 1);
	}
	strbuf_puts(text, "\"");
}

static void add_reference(struct strbuf *text, const char *name)
{
	strbuf_printf(text, "{\"$ref\": \"#/definitions/%s\"}", name);
}

/* "anyOf": […], with what each kind may be. */
static void add_value(struct strbuf *text, const struct value_form *value)
{
	const char *comma = "";

	strbuf_puts(text, "\"anyOf\": [");
	if (value->kinds & YAML_SCALAR) {
		add_reference(text, value->item);
		comma = ", ";
	}
	if (value->kinds & YAML_LIST) {
		strbuf_printf(text, "%s{\"type\": \"array\", %s\"items\": ", comma,
			      value->filled ? "\"minItems\": 1, " : "");
		add_reference(text, value->item);
		strbuf_puts(text, "}");
		comma = ", ";
	}
	if (value->kinds & YAML_MAPPING) {
		strbuf_puts(text, comma);
		add_reference(text, value->mapping);
	}
	strbuf_puts(text, value->null ? ", {\"type\": \"null\"}]" : "]");
}

static void add_choices(struct strbuf *text, const struct key_choice *choices)
{
	strbuf_puts(text, "\"enum\": [");
	for (; choices->word; choices++) {
		add_string(text, choices->word);
		strbuf_puts(text, ", ");
	}
	strbuf_puts(text, "null]");
}

static void add_key(struct strbuf *text, const struct key *key)
{
	const struct value_form value = {
		.kinds = key->kinds,
		.item = key->item,
		.mapping = key->mapping,
		.filled = key->filled,
		.null = key->form == 0,
	};

	strbuf_puts(text, "        ");
	add_string(text, key->name);
	strbuf_puts(text, ": {\"description\": ");
	add_string(text, key->summary);
	strbuf_puts(text, ", ");
	if (key->choices)
		add_choices(text, key->choices);
	else
		add_value(text, &value);
	strbuf_puts(text, "}");
}

static void add_keys(struct strbuf *text, const struct key_table *table)
{
	const char *comma = "";

	strbuf_puts(text, "      \"properties\": {\n");
	for (size_t i = 0; i < table->count; i++) {
		if (table->keys[i].kinds == KEY_LATER)
			continue;
		strbuf_puts(text, comma);
		add_key(text, &table->keys[i]);
		comma = ",\n";
	}
	strbuf_puts(text, "\n      },\n");
}

/* "allow", "deny": the keys of a form, each between two texts. */
static void add_form_keys(struct strbuf *text, const struct key_table *table, unsigned form,
			  const char *before, const char *behind)
{
	const char *comma = "";

	for (size_t i = 0; i < table->count; i++) {
		if (table->keys[i].form != form)
			continue;
		strbuf_printf(text, "%s%s\"%s\"%s", comma, before, table->keys[i].name, behind);
		comma = ", ";
	}
}

/* {"required": ["allow"], "not": {"anyOf": [{"required": ["deny"]}]}} */
static void add_form(struct strbuf *text, const struct key_table *table, unsigned form,
		     unsigned form_count)
{
	const char *comma = ", \"not\": {\"anyOf\": [";

	strbuf_puts(text, "{\"required\": [");
	add_form_keys(text, table, form, "", "");
	strbuf_puts(text, "]");
	for (unsigned other = 1; other <= form_count; other++) {
		if (other == form)
			continue;
		strbuf_puts(text, comma);
		add_form_keys(text, table, other, "{\"required\": [", "]}");
		comma = ", ";
	}
	strbuf_puts(text, "]}}");
}

/* How many forms a table has: 0 when every key may be absent. */
static unsigned count_forms(const struct key_table *table)
{
	unsigned count = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (table->keys[i].form > count)
			count = table->keys[i].form;
	}
	return count;
}

/* One form needs its keys; of several, one. */
static void add_forms(struct strbuf *text, const struct key_table *table)
{
	const unsigned forms = count_forms(table);

	if (forms == 1) {
		strbuf_puts(text, "      \"required\": [");
		add_form_keys(text, table, 1, "", "");
		strbuf_puts(text, "],\n");
		return;
	}
	for (unsigned form = 1; form <= forms; form++) {
		strbuf_puts(text, form == 1 ? "      \"anyOf\": [" : ", ");
		add_form(text, table, form, forms);
		strbuf_puts(text, form == forms ? "],\n" : "");
	}
}

static void add_table(struct strbuf *text, const struct key_table *table)
{
	strbuf_printf(text, "    \"%s\": {\n      \"type\": \"object\",\n", table->name);
	add_keys(text, table);
	add_forms(text, table);
	strbuf_puts(text, "      \"patternProperties\": {\"^x-\": {}},\n"
			  "      \"additionalProperties\": false\n    },\n");
}

static void add_word(struct strbuf *text, const struct word_form *word)
{
	struct strbuf pattern = {0}, message = {0};

	strbuf_printf(&pattern, "^(?:%s)$", word->pattern);
	strbuf_printf(text, "    \"%s\": {\"description\": ", word->name);
	add_string(text, word->summary);
	if (word->other)
		strbuf_printf(text, ", \"anyOf\": [%s, {", word->other);
	else
		strbuf_puts(text, ", ");
	strbuf_puts(text, "\"type\": \"string\", \"pattern\": ");
	add_string(text, strbuf_text(&pattern));
	/* Not of draft-07, but what editors show; else they show the pattern, which nobody can read. */
	strbuf_puts(text, ", \"patternErrorMessage\": ");
	strbuf_printf(&message, "this is not %s", word->summary);
	add_string(text, strbuf_text(&message));
	strbuf_puts(text, word->other ? "}]}" : "}");
	strbuf_finish(&message);
	strbuf_finish(&pattern);
}

static void add_others(struct strbuf *text)
{
	for (size_t i = 0; i < COUNT(others); i++) {
		strbuf_printf(text, "    \"%s\": {", others[i].name);
		if (others[i].named) {
			strbuf_puts(text, "\"type\": \"object\", \"propertyNames\": ");
			add_reference(text, "name");
			strbuf_puts(text, ", \"additionalProperties\": {");
		}
		add_value(text, &others[i].value);
		strbuf_puts(text, others[i].named ? "}},\n" : "},\n");
	}
}

void schema_text(struct strbuf *ret_text)
{
	const struct key_table *table;

	strbuf_puts(ret_text, "{\n  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
			      "  \"title\": \"tunplan(5): the topology of a network and its "
			      "tunnels\",\n  \"allOf\": [");
	add_reference(ret_text, parse_table(0)->name);
	strbuf_puts(ret_text, "],\n  \"definitions\": {\n");
	for (size_t i = 0; (table = parse_table(i)); i++)
		add_table(ret_text, table);
	add_others(ret_text);
	for (size_t i = 0; i < COUNT(words); i++) {
		add_word(ret_text, &words[i]);
		strbuf_puts(ret_text, i + 1 < COUNT(words) ? ",\n" : "\n");
	}
	strbuf_puts(ret_text, "  }\n}\n");
}
