#include "topology/language/schema.h"

#include <string.h>

#include "topology/language/options.h"
#include "topology/language/parse.h"
#include "topology/language/patterns.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A word or string, by its pattern, which says nothing about what is no text. */
struct word_form {
	const char *name;
	const char *title;
	const char *pattern;
	const char *numbers; /* more types that YAML may take it for, and their limits; or NULL */
};

#define PORT_NUMBER ", \"integer\"], \"minimum\": 1, \"maximum\": 65535"
#define WHOLE       ", \"integer\"], \"minimum\": 0, \"maximum\": 999999999"
#define COUNTED     ", \"integer\"], \"minimum\": 1, \"maximum\": 31536000"
#define BOOLEAN     ", \"boolean\""
#define ANY_SCALAR  ", \"number\", \"boolean\"]"

static const struct word_form words[] = {
	{"name", "a name: letters, digits, '.', '_' and '-'", PATTERN_NEW_NAME, NULL},
	{"port", "a port: a number from 1 to 65535", PATTERN_PORT, PORT_NUMBER},
	{"number", "a number, 0 or more", PATTERN_NUMBER_0, WHOLE},
	{"duration", "a duration: 90, 90s, 5m, 2h or 1d", PATTERN_DURATION, COUNTED},
	{"probe", "yes, no, or a duration: 90, 90s, 5m, 2h or 1d",
	 PATTERN_BOOL "|" PATTERN_DURATION, BOOLEAN COUNTED},
	{"address", "an address: IPv4, IPv6 or a name", PATTERN_ADDRESS, NULL},
	{"numeric", "an address: IPv4 or IPv6", PATTERN_IPV4 "|" PATTERN_IPV6, NULL},
	{"range", "a range of addresses: 10.0.0.0/8 or 2001:db8::/32", PATTERN_RANGE, NULL},
	{"mac", "a MAC address: 00:1a:2b:3c:4d:5e", PATTERN_MAC, NULL},
	{"at", "an address and a port: 198.51.100.7:2022, [2001:db8::1]:22 or localhost:2201",
	 PATTERN_AT, NULL},
	{"user", "a login name", PATTERN_USER, ANY_SCALAR},
	{"identity", "the path of a private key", PATTERN_IDENTITY, ANY_SCALAR},
	{"alias", "an alias: one Host of your ssh_config", PATTERN_NAME, ANY_SCALAR},
	{"option", "the value of an option of ssh", PATTERN_OPTION, ANY_SCALAR},
	{"permit-open", "HOST:PORT as sshd_config has it, any or none", PATTERN_PERMIT_OPEN, NULL},
	{"permit-listen", "PORT or HOST:PORT as sshd_config has it, any or none",
	 PATTERN_PERMIT_LISTEN, PORT_NUMBER},
	{"socket", "the path of a unix socket", PATTERN_SOCKET, NULL},
	{"listen", "any, loopback, or a VLAN of the host", "any|loopback|" PATTERN_NAME, NULL},
	{"end", "a host, a VLAN, HOST@VLAN or a range of addresses", PATTERN_SET_END, NULL},
	{"rule-string", "a rule: from -> to, then ports", PATTERN_RULE, NULL},
	{"id", "a word of letters, digits, '.', '_' and '-'", PATTERN_NAME, ANY_SCALAR},
	{"remark", "one line of text", "[^\\n\\r]{0,500}", ANY_SCALAR},
	{"ingress", "an ingress: PORT, HOST:PORT, ADDRESS:PORT, auto, or the path of a socket",
	 PATTERN_INGRESS, PORT_NUMBER},
	{"egress", "an egress: HOST/SERVICE, HOST:PORT, HOST:PATH or socks@HOST", PATTERN_EGRESS,
	 NULL},
	{"joint", "a port, or the path of a socket", PATTERN_PORT "|" PATTERN_SOCKET, PORT_NUMBER},
	{"tunnel-string", "a tunnel: 7999 -> HOST/SERVICE", PATTERN_TUNNEL, NULL},
	{"member", "a tunnel, a group, or a pattern of tunnels with * and ?", PATTERN_MEMBER, NULL},
	{"path", "the path of a file, or a pattern of paths", "[\\s\\S]+", ANY_SCALAR},
	{"lint", "the code of a lint: L011", "L[0-9]{3}", NULL},
	{"variable-name", "the name of a variable: letters, digits and '_'", PATTERN_VARIABLE,
	 NULL},
	{"text", "any text", "[\\s\\S]*", ANY_SCALAR},
};

/* Words that are always the same: editors offer them. */
static const struct fixed_form {
	struct word_form word;
	const char *value;
} fixed[] = {
	{{"version", "the version of the language, 1", "1", NULL}, "1"},
	{{"none", "'none' (there is no sshd) or a mapping", "none", NULL}, "\"none\""},
};

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
	{"hosts", "name", {ANY_KIND, .item = "name", .mapping = "host", .null = true}},
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

/* A schema of lists. */
static void add_list(struct strbuf *text, const struct value_form *value)
{
	strbuf_printf(text, "{\"type\": \"array\", %s\"items\": ",
		      value->filled ? "\"minItems\": 1, " : "");
	add_reference(text, value->entry ? value->entry : value->item);
	strbuf_puts(text, "}");
}

/*
 * "anyOf": […], with what each kind may be.
 *
 * Mappings are judged outside of it: of an unknown key, editors would say that it is no string, as the
 * first alternative has it.
 */
static void add_value(struct strbuf *text, const struct value_form *value)
{
	const char *comma = "";

	if (value->kinds & YAML_MAPPING) {
		strbuf_puts(text, "\"if\": {\"type\": \"object\"}, \"then\": ");
		add_reference(text, value->mapping);
		strbuf_puts(text, ", ");
	}
	strbuf_puts(text, "\"anyOf\": [");
	if (value->kinds & YAML_SCALAR) {
		add_reference(text, value->item);
		comma = ", ";
	}
	if (value->kinds & YAML_LIST) {
		strbuf_puts(text, comma);
		add_list(text, value);
		comma = ", ";
	}
	if (value->kinds & YAML_MAPPING)
		strbuf_printf(text, "%s{\"type\": \"object\"}", comma);
	strbuf_puts(text, value->null ? ", {\"type\": \"null\"}]" : "]");
}

/*
 * The words, as editors offer them. A YAML 1.2 reader makes a boolean of two of them, unless they are
 * quoted, and a variable may stand for one.
 */
static void add_words(struct strbuf *text, const struct key_choice *choices)
{
	bool boolean = false;

	strbuf_puts(text, "{\"title\": \"one of these words\", \"enum\": [");
	for (; choices->word; choices++) {
		if (strcmp(choices->word, "true") == 0 || strcmp(choices->word, "false") == 0) {
			strbuf_puts(text, choices->word);
			boolean = true;
		} else {
			add_string(text, choices->word);
		}
		strbuf_puts(text, choices[1].word ? ", " : "]}");
	}
	strbuf_printf(text, ", {\"type\": \"string\", \"pattern\": \"%s[$][{]\"}",
		      boolean ? "^(?:true|false)$|" : "");
}

static void add_choices(struct strbuf *text, const struct key *key)
{
	strbuf_puts(text, "\"anyOf\": [");
	add_words(text, key->choices);
	if (key->kinds & YAML_LIST) {
		strbuf_puts(text, ", {\"type\": \"array\", \"items\": {\"anyOf\": [");
		add_words(text, key->choices);
		strbuf_puts(text, "]}}");
	}
	strbuf_puts(text, ", {\"type\": \"null\"}]");
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
		add_choices(text, key);
	else
		add_value(text, &value);
	strbuf_puts(text, "}");
}

static void add_keys(struct strbuf *text, const struct key_table *table)
{
	const char *comma = "";

	strbuf_puts(text, "      \"properties\": {\n");
	for (size_t i = 0; i < table->count; i++) {
		if (!keys_has(table, &table->keys[i]))
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
		if (table->keys[i].form != form || !keys_has(table, &table->keys[i]))
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
		if (table->keys[i].form > count && keys_has(table, &table->keys[i]))
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
	strbuf_printf(text,
		      "    \"%s\": {\n      \"title\": \"%s\",\n      \"type\": \"object\",\n",
		      table->name, table->what);
	add_keys(text, table);
	add_forms(text, table);
	strbuf_puts(text, "      \"patternProperties\": {\"^x-\": {}},\n"
			  "      \"additionalProperties\": false\n    },\n");
}

/* "KEYWORD": "this is not …", which is not of draft-07: it is what editors show then. */
static void add_complaint(struct strbuf *text, const char *keyword, const struct word_form *word)
{
	struct strbuf message = {0};

	strbuf_printf(&message, "this is not %s", word->title);
	strbuf_printf(text, "\"%s\": ", keyword);
	add_string(text, strbuf_text(&message));
	strbuf_finish(&message);
}

/* What a variable stands for is not known here. Without a message, editors show the pattern. */
static void add_pattern(struct strbuf *text, const struct word_form *word)
{
	struct strbuf pattern = {0};

	strbuf_printf(&pattern, "^(?:%s)$|[$][{]", word->pattern);
	strbuf_printf(text, "\"type\": [\"string\"%s, \"pattern\": ",
		      word->numbers ? word->numbers : "]");
	add_string(text, strbuf_text(&pattern));
	strbuf_puts(text, ", ");
	add_complaint(text, "patternErrorMessage", word);
	strbuf_finish(&pattern);
}

static void add_word(struct strbuf *text, const struct word_form *word)
{
	strbuf_printf(text, "    \"%s\": {\"title\": ", word->name);
	add_string(text, word->title);
	strbuf_puts(text, ", ");
	add_pattern(text, word);
	strbuf_puts(text, "}");
}

static void add_fixed(struct strbuf *text, const struct fixed_form *form)
{
	strbuf_printf(text, "    \"%s\": {\"title\": ", form->word.name);
	add_string(text, form->word.title);
	strbuf_printf(text, ", \"anyOf\": [{\"const\": %s, ", form->value);
	add_complaint(text, "errorMessage", &form->word);
	strbuf_puts(text, "}, {");
	add_pattern(text, &form->word);
	strbuf_puts(text, "}]},\n");
}

static void add_others(struct strbuf *text)
{
	for (size_t i = 0; i < COUNT(others); i++) {
		strbuf_printf(text, "    \"%s\": {", others[i].name);
		if (others[i].named) {
			strbuf_printf(text,
				      "\"type\": \"object\", \"propertyNames\": "
				      "{\"title\": \"%s\", \"allOf\": [",
				      others[i].named);
			add_reference(text, others[i].named);
			strbuf_puts(text, "]}, \"additionalProperties\": {");
		}
		add_value(text, &others[i].value);
		strbuf_puts(text, others[i].named ? "}},\n" : "},\n");
	}
}

/* The options of the ssh client that a topology may set. */
static void add_options(struct strbuf *text)
{
	const struct option *option;
	const char *comma = "";

	strbuf_puts(text, "    \"options\": {\"type\": \"object\", \"properties\": {");
	for (size_t i = 0; (option = option_row(i)); i++) {
		if (option->refused)
			continue;
		strbuf_printf(text, "%s\n      \"%s\": ", comma, option->keyword);
		add_reference(text, "option");
		comma = ",";
	}
	strbuf_puts(text, "\n    }, \"additionalProperties\": false},\n");
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
	add_options(ret_text);
	for (size_t i = 0; i < COUNT(fixed); i++)
		add_fixed(ret_text, &fixed[i]);
	for (size_t i = 0; i < COUNT(words); i++) {
		add_word(ret_text, &words[i]);
		strbuf_puts(ret_text, i + 1 < COUNT(words) ? ",\n" : "\n");
	}
	strbuf_puts(ret_text, "  }\n}\n");
}
