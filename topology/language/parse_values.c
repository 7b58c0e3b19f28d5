#include <string.h>

#include "topology/diag/codes.h"
#include "topology/diag/suggest.h"
#include "topology/language/address.h"
#include "topology/language/parse.h"
#include "topology/language/port_help.h"

/* Most VLANs or services of a host, forwards of a tunnel, and the like. */
#define LIST_MAX 1000

/* --- values */

const char *parse_text(const struct parser *parser, const struct yaml_node *scalar)
{
	return yaml_text(parser->tree, scalar);
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
	const char *text = parse_text(parser, scalar);

	if (!parse_scalar(parser, scalar, "a port"))
		return false;
	if (address_port(text, scalar->count, ret_port))
		return true;
	diag_help(parser->diags,
		  diag_error(parser->diags, CODE_PORT, scalar->at, "'%s' is not a port", text),
		  "%s", port_help(text, scalar->count, parser->scratch));
	return false;
}

bool parse_number(struct parser *parser, const struct yaml_node *scalar, const char *what,
		  uint32_t least, uint32_t most, uint32_t *ret_number)
{
	uint32_t number;

	if (!parse_scalar(parser, scalar, what))
		return false;
	if (address_number(parse_text(parser, scalar), scalar->count, &number) && number >= least &&
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
	if (address_number(text, length, &number) && number && number <= YEAR_S / unit) {
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

const struct key_choice parse_refusals[] = {
	{"yes", false}, {"no", true}, {"true", false}, {"false", true}, {NULL, 0}};

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

/* --- entries */

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

struct doc_host_more *parse_more(struct parser *parser, struct doc_host *host)
{
	if (!host->more)
		host->more = arena_alloc(parser->scratch, sizeof(*host->more));
	return host->more;
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

/* `hosts: 7`: a value that is no name of one entry, and no list or mapping of them. */
static bool is_no_entry(struct parser *parser, const struct yaml_node *node, const char *what)
{
	const char *text = parse_text(parser, node);
	struct fault fault;

	if (node->kind != YAML_SCALAR || parse_nothing(parser, node) ||
	    name_check(text, node->count, parser->scratch, &fault) ||
	    (fault.code != CODE_NAME_TYPED && fault.code != CODE_NAME_RESERVED))
		return false;
	diag_error(parser->diags, CODE_WRONG_KIND, node->at, "'%s' is not the name of %s", text,
		   what)
		->help = "write one name a line, NAME: …, or a list of names: [NAME, NAME]";
	return true;
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
	if (is_no_entry(parser, node, what))
		return false;
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
