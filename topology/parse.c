#include "topology/parse.h"

#include <string.h>

#include "topology/address.h"
#include "topology/codes.h"
#include "topology/suggest.h"

/* The version of the language that this program reads. */
#define VERSION "1"

/* Most VLANs or services of a host, forwards of a tunnel, and the like. */
#define LIST_MAX 1000

/* --- the top of a file */

/* load.c looks at these before anything else is read: all files, and what stands in them. */
static void read_before(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	(void)parser;
	(void)pair;
	(void)into;
}

/* What one topology says once, another file of it says again. */
static void report_said(struct parser *parser, const struct yaml_pair *pair, struct span before)
{
	struct diag *diag = diag_error(parser->diags, CODE_SAID_TWICE, pair->key->at,
				       "'%s' is said in two files of this topology",
				       parse_text(parser, pair->key));

	diag->related = before;
	diag->related_text = "first said here";
	diag->help = "keep one of the two";
}

static void parse_me(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct document *document = parser->document;
	struct word me;

	(void)into;
	if (document->me.text)
		report_said(parser, pair, document->me.at);
	if (!parse_reference(parser, pair->value, "a host", &me))
		return;
	if (!name_reserved(me.text)) {
		document->me = me;
		return;
	}
	diag_error(parser->diags, CODE_NAME_RESERVED, me.at, "'%s' is not a host", me.text)->help =
		"name the host of this file that this machine is, or leave 'me' out and use --me";
}

static void parse_allow_lints(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct word_list *lints = &parser->document->allowed_lints;
	struct parse_items items = parse_items(parser, pair->value, NULL);
	const struct yaml_node *item;

	(void)into;
	while ((item = parse_next(&items))) {
		if (!parse_scalar(parser, item, "the code of a lint"))
			continue;
		*(struct word *)arena_push(parser->scratch, &lints->items, &lints->count,
					   sizeof(struct word)) =
			(struct word){parse_text(parser, item), item->at};
	}
}

static void parse_defaults_once(struct parser *parser, const struct yaml_pair *pair, void *into)
{
	struct doc_defaults *defaults = &parser->document->defaults;

	if (defaults->at.at)
		report_said(parser, pair, defaults->at);
	defaults->at = pair->key->at;
	parse_defaults(parser, pair, into);
}

#define ANY_KIND (YAML_SCALAR | YAML_LIST | YAML_MAPPING)

static const struct key keys[] = {
	{"tunplan", read_before, "tunplan: 1", "The version of the language, which is 1.",
	 .kinds = YAML_SCALAR, .item = "version", .form = 1},
	{"me", parse_me, "me: HOST", "The host that this machine is.", .kinds = YAML_SCALAR,
	 .item = "name"},
	{"vlans", parse_vlans, NULL, "The networks, by name: hosts on one VLAN reach each other.",
	 .kinds = ANY_KIND, .item = "name", .mapping = "vlans"},
	{"hosts", parse_hosts, NULL, "The machines, by name.", .kinds = ANY_KIND, .item = "name",
	 .mapping = "hosts"},
	{"sets", parse_sets, "sets: {NAME: [HOST, VLAN, 10.0.0.0/8]}",
	 "Names that stand for several ends of a rule.", .kinds = YAML_MAPPING, .mapping = "sets"},
	{"reachability", parse_rules,
	 "a list: each rule on a line that begins with '- allow:' or '- deny:'",
	 "The rules that say what may reach what.", .kinds = YAML_LIST, .item = "rule"},
	{"tunnels", parse_tunnels, "NAME: 7999 -> HOST/SERVICE, one a line",
	 "The tunnels, by name.", .kinds = YAML_MAPPING, .mapping = "tunnels"},
	{"groups", parse_groups, "NAME: [TUNNEL, TUNNEL], one a line",
	 "Names that stand for several tunnels.", .kinds = YAML_MAPPING, .mapping = "groups"},
	{"places", parse_places, "NAME: {when: {addr: 10.10.0.0/16}, vlans: [VLAN]}, one a line",
	 "Where this machine can be, by name, and which VLANs it is on there.",
	 .kinds = YAML_MAPPING, .mapping = "places"},
	{"defaults", parse_defaults_once, "defaults: {ssh: {user: NAME}}",
	 "What holds for every host and every tunnel that does not say otherwise.",
	 .kinds = YAML_MAPPING, .mapping = "defaults"},
	{"include", read_before, "include: [shared/*.yaml]",
	 "Other files of the topology, or patterns of them.", .kinds = KEY_ONE_OR_MORE,
	 .item = "path"},
	{"vars", read_before, "vars: {NAME: VALUE}",
	 "Variables, by name: ${NAME} in a value stands for the value of one.",
	 .kinds = YAML_MAPPING, .mapping = "variables"},
	{"allow_lints", parse_allow_lints, "allow_lints: [L011]",
	 "The codes of the lints that are not wanted.", .kinds = KEY_ONE_OR_MORE, .item = "lint"},
};

const struct key_table parse_topology_table = {
	.name = "topology", .what = "a topology", KEY_ROWS(keys)};

const struct yaml_node *parse_top(const struct yaml_tree *tree, const char *key,
				  struct span *ret_key_at)
{
	struct yaml_walk walk = yaml_walk(tree->nodes);
	struct yaml_pair pair;

	while (yaml_next_pair(&walk, &pair)) {
		if (strcmp(yaml_text(tree, pair.key), key) != 0 || yaml_is_null(tree, pair.value) ||
		    pair.value->reported)
			continue;
		if (ret_key_at)
			*ret_key_at = pair.key->at;
		return pair.value;
	}
	return NULL;
}

/* Returns false when the file is for another version: then nothing else in it is worth reading. */
static bool check_version(const struct yaml_tree *tree, const struct source *source, bool first,
			  struct diag_list *diags)
{
	const struct yaml_node *version = parse_top(tree, "tunplan", NULL);

	if (!version) {
		if (first)
			diag_error(diags, CODE_VERSION_MISSING, source_span(source),
				   "the file does not say which version of the language it is "
				   "written in")
				->help = "begin it with the line 'tunplan: 1'";
		return true;
	}
	if (version->kind != YAML_SCALAR || strcmp(yaml_text(tree, version), VERSION) == 0)
		return true;
	diag_error(diags, CODE_VERSION_OTHER, version->at,
		   "this file is for version '%s' of the language; this tunplan reads "
		   "version " VERSION,
		   yaml_text(tree, version))
		->help = "write 'tunplan: 1', or use a newer tunplan";
	return false;
}

bool parse_head(const struct yaml_tree *tree, const struct source *source, bool first,
		struct diag_list *diags)
{
	const struct yaml_node *root = tree->nodes;

	if (root->kind == YAML_MAPPING)
		return check_version(tree, source, first, diags);
	if (!root->reported)
		diag_error(diags, CODE_WRONG_KIND, root->at,
			   "a topology is a mapping, 'key: value' on each line")
			->help = "begin with 'tunplan: 1', then 'hosts:' and 'tunnels:'";
	return false;
}

/* --- the document */

static bool is_row(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) == 0)
			return true;
	}
	return false;
}

/* What the top of a file has besides what is read. */
struct strays {
	bool unknown;   /* a key that is no key of the language */
	bool duplicate; /* a key for the second time, which is not read */
};

static void find_strays(const struct yaml_tree *tree, struct strays *strays)
{
	struct yaml_walk walk = yaml_walk(tree->nodes);
	struct yaml_pair pair;

	while (yaml_next_pair(&walk, &pair)) {
		const char *key = yaml_text(tree, pair.key);

		strays->unknown |= strncmp(key, "x-", 2) != 0 && !is_row(key);
		strays->duplicate |= pair.key->reported;
	}
}

/*
 * A mistyped `hosts:` must not make every name of a host an error; nor must a file that could not be
 * read.
 */
static void mark_missing_parts(struct document *document, const struct strays *strays,
			       bool incomplete)
{
	const bool all = incomplete || strays->duplicate, unknown = strays->unknown;

	document->vlans_broken |= all || (unknown && document->vlan_count == 0);
	document->hosts_broken |= all || (unknown && document->host_count == 0);
	document->sets_broken |= all || (unknown && document->set_count == 0);
	document->tunnels_broken |= all || (unknown && document->tunnel_count == 0);
}

/* Returns room for all that stands under a key in all files, so that no array has to grow. */
static void *room_for(struct parser *parser, const struct parse_file *files, size_t file_count,
		      const char *key, size_t size)
{
	size_t total = 0;

	for (size_t i = 0; i < file_count; i++) {
		struct yaml_walk walk;
		struct yaml_pair pair;

		if (!files[i].good)
			continue;
		walk = yaml_walk(files[i].tree.nodes);
		while (yaml_next_pair(&walk, &pair)) {
			if (strcmp(yaml_text(&files[i].tree, pair.key), key) == 0)
				total += pair.value->kind == YAML_SCALAR ? 1 : pair.value->count;
		}
	}
	return arena_array(parser->scratch, total, size);
}

/* Nodes whose memory is worth lending. */
#define LENT_MIN 4096

/*
 * The nodes before one were read for the last time. What is made of them needs about as much memory as
 * they took, so a file of any size is read in that of its tree, most of it.
 */
static void lend_until(struct parser *parser, const struct yaml_node *node)
{
	struct arena *arena = parser->arena;

	if (arena->spare > parser->scratch->spare)
		arena = parser->scratch;
	if (parser->tree->aliased || node - parser->done < LENT_MIN)
		return;
	yaml_tree_lend(parser->tree, parser->done, node, arena);
	parser->done = node;
}

/* Reads a file and takes its tree apart. */
static void parse_one(struct parser *parser, struct parse_file *file, struct strays *strays)
{
	parser->tree = &file->tree;
	parser->done = file->tree.nodes;
	yaml_tree_give(&file->tree, parser->arena);
	keys_read(parser, file->tree.nodes, &parse_topology_table, NULL);
	find_strays(&file->tree, strays);
	yaml_tree_lend(&file->tree, parser->done, NULL, parser->arena);
	file->tree = (struct yaml_tree){0};
}

void parse_document(struct parse_file *files, size_t file_count, bool incomplete,
		    struct arena *arena, struct arena *scratch, struct diag_list *diags,
		    struct document *ret_document)
{
	struct parser parser = {arena, scratch, diags, ret_document, NULL, NULL};
	struct strays strays = {0};

#define ROOM(array, key)      \
	ret_document->array = \
		room_for(&parser, files, file_count, key, sizeof(*ret_document->array))
	*ret_document = (struct document){0};
	ROOM(vlans, "vlans");
	ROOM(hosts, "hosts");
	ROOM(sets, "sets");
	ROOM(tunnels, "tunnels");
	ROOM(groups, "groups");
	ROOM(places, "places");
#undef ROOM
	for (size_t i = 0; i < file_count; i++) {
		if (files[i].good)
			parse_one(&parser, &files[i], &strays);
	}
	mark_missing_parts(ret_document, &strays, incomplete);
}

const struct key_table *parse_table(size_t index)
{
	static const struct key_table *const tables[] = {
		&parse_topology_table,    &parse_vlan_table,           &parse_host_table,
		&parse_ssh_table,         &parse_sshd_table,           &parse_service_table,
		&parse_rule_table,        &parse_tunnel_table,         &parse_forward_table,
		&parse_place_table,       &parse_when_table,           &parse_defaults_table,
		&parse_default_ssh_table, &parse_default_tunnel_table, &parse_variable_table,
	};

	return index < sizeof(tables) / sizeof(tables[0]) ? tables[index] : NULL;
}

/* --- values */

const char *parse_text(const struct parser *parser, const struct yaml_node *scalar)
{
	return yaml_text(parser->tree, scalar);
}

struct word parse_part(const struct yaml_node *scalar, const struct part *part)
{
	return (struct word){part->text, yaml_part(scalar, part->offset, part->length)};
}

bool parse_nothing(const struct parser *parser, const struct yaml_node *node)
{
	return node->reported || yaml_is_null(parser->tree, node);
}

static const char *kind_name(unsigned kind)
{
	if (kind == YAML_SCALAR)
		return "a single value";
	return kind == YAML_LIST ? "a list" : "a mapping";
}

/* "a single value or a list". */
static const char *kinds_text(struct parser *parser, unsigned kinds)
{
	const char *text = NULL;

	for (unsigned kind = YAML_SCALAR; kind <= YAML_MAPPING; kind *= 2) {
		if (!(kinds & kind))
			continue;
		text = text ? arena_format(parser->scratch, "%s or %s", text, kind_name(kind))
			    : kind_name(kind);
	}
	return text;
}

/* A list or mapping over several lines has no good place of its own; its key has. */
static struct span place_of_value(const struct yaml_pair *pair)
{
	return pair->value->kind == YAML_SCALAR || pair->value->style == YAML_FLOW ? pair->value->at
										   : pair->key->at;
}

bool parse_kind(struct parser *parser, const struct yaml_pair *pair, unsigned kinds,
		const char *example)
{
	struct diag *diag;

	if (pair->value->kind & kinds)
		return true;
	diag = diag_error(parser->diags, CODE_WRONG_KIND, place_of_value(pair),
			  "'%s' takes %s, not %s", parse_text(parser, pair->key),
			  kinds_text(parser, kinds), kind_name(pair->value->kind));
	if (example)
		diag_help(parser->diags, diag, "write %s", example);
	return false;
}

struct parse_items parse_items(const struct parser *parser, const struct yaml_node *node,
			       size_t *ret_count)
{
	struct parse_items items = {0};

	if (node->kind == YAML_LIST)
		items.walk = yaml_walk(node);
	else if (!parse_nothing(parser, node))
		items.single = node;
	if (ret_count)
		*ret_count = node->kind == YAML_LIST ? node->count : items.single != NULL;
	return items;
}

const struct yaml_node *parse_next(struct parse_items *items)
{
	const struct yaml_node *single = items->single;

	if (!single)
		return yaml_next(&items->walk);
	items->single = NULL;
	return single;
}

bool parse_scalar(struct parser *parser, const struct yaml_node *node, const char *what)
{
	if (node->reported)
		return false;
	if (node->kind == YAML_SCALAR && !yaml_is_null(parser->tree, node))
		return true;
	if (node->kind == YAML_SCALAR)
		diag_error(parser->diags, CODE_WRONG_KIND, node->at, "%s is missing here", what);
	else
		diag_error(parser->diags, CODE_WRONG_KIND, node->at, "%s belongs here, not %s",
			   what, kind_name(node->kind));
	return false;
}

bool parse_room(struct parser *parser, size_t count, struct span at)
{
	if (count < LIST_MAX)
		return true;
	diag_error(parser->diags, CODE_LIMIT_LIST, at, "this list is too long: at most %d entries",
		   LIST_MAX);
	return false;
}

bool parse_fault(struct parser *parser, const struct yaml_node *scalar, const struct fault *fault)
{
	const struct span at = yaml_part(scalar, fault->offset, fault->length);
	struct diag *diag = diag_error(parser->diags, fault->code, at, "%s", fault->message);

	if (fault->help)
		diag_help(parser->diags, diag, "%s", fault->help);
	return false;
}

struct word parse_new_name(struct parser *parser, const struct yaml_node *scalar)
{
	const char *name = parse_text(parser, scalar);
	struct fault fault;

	if (!name_check(name, scalar->count, parser->scratch, &fault))
		parse_fault(parser, scalar, &fault);
	return (struct word){name, scalar->at};
}

bool parse_reference(struct parser *parser, const struct yaml_node *scalar, const char *what,
		     struct word *ret_word)
{
	struct fault fault;

	if (!parse_scalar(parser, scalar, what))
		return false;
	if (!name_form(parse_text(parser, scalar), scalar->count, parser->scratch, &fault))
		return parse_fault(parser, scalar, &fault);
	*ret_word = (struct word){parse_text(parser, scalar), scalar->at};
	return true;
}

bool parse_references(struct parser *parser, const struct yaml_node *node, const char *what,
		      struct word_list *ret_words)
{
	struct word_list words = {0};
	const struct yaml_node *item;
	struct parse_items items;
	size_t count;
	bool good = true;

	items = parse_items(parser, node, &count);
	words.items = arena_array(parser->scratch, count, sizeof(*words.items));
	while ((item = parse_next(&items))) {
		if (parse_reference(parser, item, what, &words.items[words.count]))
			words.count++;
		else
			good = false;
	}
	*ret_words = words;
	return good;
}

bool parse_port(struct parser *parser, const struct yaml_node *scalar, uint16_t *ret_port)
{
	if (!parse_scalar(parser, scalar, "a port"))
		return false;
	if (address_port(parse_text(parser, scalar), scalar->count, ret_port))
		return true;
	diag_error(parser->diags, CODE_PORT, scalar->at, "'%s' is not a port",
		   parse_text(parser, scalar))
		->help = "a port is a number from 1 to 65535";
	return false;
}

/* Reads digits without leading zeros; false for anything else, and for more than nine of them. */
static bool read_digits(const char *text, size_t length, uint32_t *ret_number)
{
	uint32_t number = 0;

	if (length == 0 || length > 9 || (length > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (uint32_t)(text[i] - '0');
	}
	*ret_number = number;
	return true;
}

bool parse_number(struct parser *parser, const struct yaml_node *scalar, const char *what,
		  uint32_t least, uint32_t most, uint32_t *ret_number)
{
	uint32_t number;

	if (!parse_scalar(parser, scalar, what))
		return false;
	if (read_digits(parse_text(parser, scalar), scalar->count, &number) && number >= least &&
	    number <= most) {
		*ret_number = number;
		return true;
	}
	diag_help(parser->diags,
		  diag_error(parser->diags, CODE_NUMBER, scalar->at, "'%s' is not %s",
			     parse_text(parser, scalar), what),
		  "write a number from %u to %u", least, most);
	return false;
}

#define YEAR_S 31536000u

bool parse_duration(struct parser *parser, const struct yaml_node *scalar, const char *what,
		    unsigned *ret_seconds)
{
	static const struct {
		char letter;
		uint32_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	const char *text = parse_text(parser, scalar);
	size_t length = scalar->count;
	uint32_t number, unit = 1;

	if (!parse_scalar(parser, scalar, what))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (length && text[length - 1] == units[i].letter) {
			unit = units[i].seconds;
			length--;
			break;
		}
	}
	if (read_digits(text, length, &number) && number && number <= YEAR_S / unit) {
		*ret_seconds = number * unit;
		return true;
	}
	diag_error(parser->diags, CODE_DURATION, scalar->at, "'%s' is not %s", text, what)->help =
		"write seconds, or a number with s, m, h or d behind it: 90, 90s, 5m, 2h; at most "
		"a year";
	return false;
}

const struct key_choice parse_booleans[] = {
	{"yes", true}, {"no", false}, {"true", true}, {"false", false}, {NULL, 0}};

const struct key_choice parse_trusts[] = {{"none", TRUST_NONE},
					  {"low", TRUST_LOW},
					  {"medium", TRUST_MEDIUM},
					  {"high", TRUST_HIGH},
					  {NULL, 0}};

/* Lists the words and suggests the nearest. Other spellings of yes and no go without saying. */
static void report_choice(struct parser *parser, const struct yaml_node *scalar,
			  const struct key_choice *choices)
{
	const char *text = parse_text(parser, scalar), *known = choices[0].word;
	struct suggest suggest;
	struct diag *diag;

	suggest_init(&suggest, text);
	for (size_t i = 0; choices[i].word; i++) {
		if (strcmp(choices[i].word, "true") == 0 || strcmp(choices[i].word, "false") == 0)
			continue;
		suggest_offer(&suggest, choices[i].word, i);
		if (i > 0)
			known = arena_format(parser->scratch, "%s, %s", known, choices[i].word);
	}
	diag = diag_error(parser->diags, CODE_UNKNOWN_VALUE, scalar->at, "'%s' is not one of: %s",
			  text, known);
	if (suggest.best)
		diag_help(parser->diags, diag, "did you mean '%s'?", suggest.best);
}

bool parse_choice(struct parser *parser, const struct yaml_node *scalar,
		  const struct key_choice *choices, int *ret_value)
{
	const char *text = parse_text(parser, scalar);

	if (!parse_scalar(parser, scalar, "a word"))
		return false;
	for (size_t i = 0; choices[i].word; i++) {
		if (strcmp(text, choices[i].word) != 0)
			continue;
		*ret_value = choices[i].value;
		return true;
	}
	report_choice(parser, scalar, choices);
	return false;
}

bool parse_boolean(struct parser *parser, const struct yaml_node *scalar, bool *ret_value)
{
	int value;

	if (!parse_choice(parser, scalar, parse_booleans, &value))
		return false;
	*ret_value = value;
	return true;
}

/* --- entries */

static void mapping_entries(struct parser *parser, const struct yaml_node *mapping,
			    parse_entry *entry)
{
	struct yaml_walk walk = yaml_walk(mapping);
	struct yaml_pair pair;

	/* What is before the first of them is read again. */
	parser->done = walk.next;
	while (yaml_next_pair(&walk, &pair)) {
		/* A second entry of the same name is reported; the first one counts. */
		if (!pair.key->reported)
			entry(parser, pair.key,
			      parse_nothing(parser, pair.value) ? NULL : pair.value);
		lend_until(parser, walk.next);
	}
}

bool parse_entries(struct parser *parser, const struct yaml_node *node, const char *what,
		   parse_entry *entry)
{
	struct parse_items items;
	const struct yaml_node *item;
	bool good = true;

	if (node->kind == YAML_MAPPING) {
		mapping_entries(parser, node, entry);
		return true;
	}
	items = parse_items(parser, node, NULL);
	while ((item = parse_next(&items))) {
		if (item->kind == YAML_MAPPING && !item->reported) {
			diag_error(parser->diags, CODE_WRONG_KIND, item->at,
				   "an entry of a list is the name of %s, and nothing more", what)
				->help = "to say more about it, drop the dash: NAME: …";
			good = false;
		} else if (parse_scalar(parser, item, what)) {
			entry(parser, item, NULL);
		} else {
			good = false;
		}
	}
	return good;
}
