#include "topology/language/variables.h"

#include <string.h>

#include "topology/diag/codes.h"
#include "topology/diag/suggest.h"
#include "topology/yaml/yaml_nodes.h"

/* What begins a variable in a text, and what stands for these two characters themselves. */
#define MARK   "${"
#define ESCAPE "$${"

/* Most bytes that all expanded values have together. */
#define EXPANDED_MAX SOURCES_SIZE_MAX

static bool is_name_byte(char byte, bool first)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	       (!first && byte >= '0' && byte <= '9');
}

/* Whether a text may be the name of a variable, here as in the environment. */
static bool is_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!is_name_byte(text[i], i == 0))
			return false;
	}
	return length > 0;
}

static const struct variable *find(const struct variables *variables, const char *name)
{
	for (size_t i = 0; i < variables->count; i++) {
		if (strcmp(variables->items[i].name, name) == 0)
			return &variables->items[i];
	}
	return NULL;
}

/* --- expanding one text */

/* A text on its way to what it stands for. */
struct expansion {
	struct variables *variables;
	const struct yaml_node *scalar;
	const char *text;
	struct strbuf out;
	struct diag unseen;
};

/* Callers always set ->help, so in quiet mode they get a dummy diagnostic. */
static struct diag *report(struct expansion *expansion, const char *code, const char *at,
			   size_t length, const char *message)
{
	const struct span span =
		yaml_part(expansion->scalar, (size_t)(at - expansion->text), length);

	if (expansion->variables->quiet)
		return &expansion->unseen;
	return diag_error(expansion->variables->diags, code, span, "%s", message);
}

static void report_unknown(struct expansion *expansion, const char *at, const char *name)
{
	struct variables *variables = expansion->variables;
	struct suggest suggest;
	struct diag *diag;

	if (!variables->complete || variables->quiet)
		return;
	diag = report(expansion, CODE_UNKNOWN_VARIABLE, at, strlen(name) + 3,
		      arena_format(variables->arena, "there is no variable '%s'", name));
	suggest_init(&suggest, name);
	for (size_t i = 0; i < variables->count; i++)
		suggest_offer(&suggest, variables->items[i].name, i);
	if (suggest.best) {
		diag_help(variables->diags, diag, "did you mean '%s'?", suggest.best);
		diag->related = variables->items[suggest.index].at;
	} else {
		diag_help(variables->diags, diag,
			  "add it: vars: {%s: VALUE}; to take it from the environment: "
			  "vars: {%s: {env: %s}}",
			  name, name, name);
	}
}

/* Puts the value of the variable at *at in its place and moves behind it; false with an error. */
static bool expand_one(struct expansion *expansion, const char **at)
{
	const char *name = *at + strlen(MARK), *end = strchr(name, '}');
	const size_t length = end ? (size_t)(end - name) : 0;
	const struct variable *variable;

	if (!end) {
		report(expansion, CODE_VARIABLE_FORM, *at, strlen(MARK), "'${' is not closed")
			->help = "write ${NAME}; for the two characters themselves, write $${";
		return false;
	}
	if (!is_name(name, length)) {
		report(expansion, CODE_VARIABLE_FORM, *at, length + strlen(MARK) + 1,
		       "this is not the name of a variable")
			->help = "a name has letters, digits and '_', and no digit at its start";
		return false;
	}
	name = arena_copy(expansion->variables->arena, name, length);
	variable = find(expansion->variables, name);
	if (!variable) {
		report_unknown(expansion, *at, name);
		return false;
	}
	if (!variable->value)
		return false;
	strbuf_puts(&expansion->out, variable->value);
	*at = end + 1;
	return true;
}

/* Appends all of the text, expanded; false with an error. */
static bool expand_text(struct expansion *expansion)
{
	const char *at = expansion->text;

	for (;;) {
		const char *mark = strstr(at, MARK);

		if (!mark) {
			strbuf_puts(&expansion->out, at);
			return true;
		}
		if (mark > at && mark[-1] == '$') {
			strbuf_add(&expansion->out, at, (size_t)(mark - at) - 1);
			strbuf_puts(&expansion->out, MARK);
			at = mark + strlen(MARK);
			continue;
		}
		strbuf_add(&expansion->out, at, (size_t)(mark - at));
		at = mark;
		if (!expand_one(expansion, &at))
			return false;
		if (expansion->out.length > VARIABLES_VALUE_MAX)
			break;
	}
	report(expansion, CODE_LIMIT_EXPANSION, expansion->text, expansion->scalar->count,
	       "with its variables expanded, this has more than 4096 bytes")
		->help = "no topology should need that: look for a mistake";
	return false;
}

/* Whether all that was expanded is still in proportion; says so once if not. */
static bool account(struct expansion *expansion)
{
	struct variables *variables = expansion->variables;
	const bool before = variables->expanded <= EXPANDED_MAX;

	variables->expanded += expansion->out.length;
	if (variables->expanded <= EXPANDED_MAX)
		return true;
	if (before)
		report(expansion, CODE_LIMIT_EXPANSION, expansion->text, expansion->scalar->count,
		       "the values up to this one have more than 16 MiB with their variables "
		       "expanded")
			->help = "no topology should need that: look for a mistake";
	return false;
}

const char *variables_text(struct variables *variables, const struct yaml_node *scalar,
			   const char *text)
{
	struct expansion expansion = {.variables = variables, .scalar = scalar, .text = text};
	const char *result = text;

	if (!strstr(text, MARK))
		return text;
	if (expand_text(&expansion) && account(&expansion))
		result = arena_string(variables->arena, strbuf_text(&expansion.out));
	else
		result = NULL;
	strbuf_finish(&expansion.out);
	return result;
}

/* --- collecting */

/* What `vars` says of one variable. The values are NULL where it does not. */
struct source_of_value {
	struct yaml_pair env;
	struct yaml_pair fallback;
};

static const struct key keys[] = {
	{"env", keys_keep, "env: USER", "The environment variable that holds the value.",
	 .kinds = YAML_SCALAR, .item = "variable-name", .form = 1,
	 .into = offsetof(struct source_of_value, env)},
	{"default", keys_keep, "default: ops", "The value if the environment has no such variable.",
	 .kinds = YAML_SCALAR, .item = "text", .into = offsetof(struct source_of_value, fallback)},
};

const struct key_table parse_variable_table = {
	.name = "variable", .what = "a variable", KEY_ROWS(keys)};

static const char *from_environment(const struct variables *variables, const char *name)
{
	const struct load_input *input = variables->input;

	return input ? input->environment(input->context, name) : NULL;
}

/* Returns the value of {env, default}, or NULL with an error. */
static const char *read_long_form(struct parser *parser, const struct yaml_pair *pair,
				  struct variables *variables)
{
	struct source_of_value from = {0};
	const size_t errors = variables->diags->errors;
	const char *name, *value;

	keys_read(parser, pair->value, &parse_variable_table, &from);
	if (!from.env.value) {
		if (variables->diags->errors == errors)
			diag_error(variables->diags, CODE_KEY_MISSING, pair->key->at,
				   "the variable '%s' has no 'env'", parse_text(parser, pair->key))
				->help = "write NAME: VALUE, or NAME: {env: NAME, default: VALUE}";
		return NULL;
	}
	name = parse_text(parser, from.env.value);
	if (!is_name(name, from.env.value->count)) {
		diag_error(variables->diags, CODE_VARIABLE_FORM, from.env.value->at,
			   "'%s' is not the name of a variable", name)
			->help = "a name has letters, digits and '_', and no digit at its start";
		return NULL;
	}
	value = from_environment(variables, name);
	if (value)
		return arena_string(variables->arena, value);
	if (from.fallback.value)
		return variables_text(variables, from.fallback.value,
				      parse_text(parser, from.fallback.value));
	diag_help(variables->diags,
		  diag_error(variables->diags, CODE_VARIABLE_UNSET, from.env.value->at,
			     "the environment has no variable '%s'", name),
		  "set %s, or add default: VALUE", name);
	return NULL;
}

static const char *read_value(struct parser *parser, const struct yaml_pair *pair,
			      struct variables *variables)
{
	const char *name = parse_text(parser, pair->key);

	if (!parse_kind(parser, pair, YAML_SCALAR | YAML_MAPPING, "NAME: VALUE"))
		return NULL;
	if (pair->value->kind == YAML_MAPPING)
		return read_long_form(parser, pair, variables);
	if (!yaml_is_null(parser->tree, pair->value))
		return variables_text(variables, pair->value, parse_text(parser, pair->value));
	diag_error(variables->diags, CODE_VARIABLE_UNSET, pair->key->at,
		   "the variable '%s' has no value", name)
		->help = "write NAME: VALUE; for a value of no characters, write ''";
	return NULL;
}

static void report_again(struct variables *variables, const struct yaml_node *key,
			 const struct variable *first)
{
	struct diag *diag = diag_error(variables->diags, CODE_NAME_TAKEN, key->at,
				       "this variable has the name of another: '%s'", first->name);

	diag->help = "give one of the two another name";
	diag->related = first->at;
	diag->related_text = "first defined here";
}

static void collect_one(struct parser *parser, const struct yaml_pair *pair,
			struct variables *variables)
{
	const char *name = parse_text(parser, pair->key);
	const struct variable *before = find(variables, name);
	struct variable variable = {arena_string(variables->arena, name), pair->key->at, NULL};

	if (!is_name(name, pair->key->count)) {
		diag_error(variables->diags, CODE_VARIABLE_FORM, pair->key->at,
			   "'%s' cannot be the name of a variable", name)
			->help = "a name has letters, digits and '_', and no digit at its start";
		return;
	}
	if (before) {
		report_again(variables, pair->key, before);
		return;
	}
	/* The tree's own texts move while values are expanded. */
	if (!pair->value->reported)
		variable.value =
			arena_string(variables->arena, read_value(parser, pair, variables));
	*ARENA_PUSH(variables->arena, variables->items, variables->count) = variable;
}

void variables_collect(struct variables *variables, const struct yaml_tree *tree)
{
	struct parser parser = {
		.arena = variables->arena,
		.scratch = variables->arena,
		.diags = variables->diags,
		.tree = tree,
	};
	const struct yaml_node *value = parse_top(tree, "vars", NULL);
	struct yaml_walk walk;
	struct yaml_pair pair;
	size_t count = 0;

	/* Another kind of value is reported when the keys are read. */
	if (!value || value->kind != YAML_MAPPING)
		return;
	walk = yaml_walk(value);
	while (yaml_next_pair(&walk, &pair) && parse_room(&parser, count++, pair.key->at)) {
		if (!pair.key->reported)
			collect_one(&parser, &pair, variables);
	}
}

/* --- expanding a file */

/* A tree whose values are being expanded. */
struct walk {
	struct variables *variables;
	struct yaml_tree *tree;
	unsigned char *done; /* per node: aliases lead to some of them again */
};

/* Returns whether the scalar is done with. */
static bool expand_scalar(struct walk *walk, size_t index)
{
	struct yaml_node *scalar = &walk->tree->nodes[index];
	const char *text = yaml_text(walk->tree, scalar), *value;

	if (!strstr(text, MARK))
		return true;
	value = variables_text(walk->variables, scalar, text);
	if (value)
		yaml_set_text(walk->tree, scalar, value, strlen(value));
	else if (!walk->variables->quiet)
		scalar->reported = true;
	return value || scalar->reported;
}

static void expand_node(struct walk *walk, const struct yaml_node *node);

/*
 * Expands an item of a list (key is NULL), or the value of a pair. Under `x-…` it is done, as aliases
 * lead there and a host may have such a name; but nobody need want it, so nothing is said. At the top,
 * what was read before is left alone.
 */
static void expand_child(struct walk *walk, const struct yaml_node *key,
			 const struct yaml_node *value, bool top)
{
	const char *name = key && key->kind == YAML_SCALAR ? yaml_text(walk->tree, key) : "";
	const bool quiet = walk->variables->quiet;

	if (top && (strcmp(name, "vars") == 0 || strcmp(name, "include") == 0))
		return;
	walk->variables->quiet |= strncmp(name, "x-", 2) == 0;
	expand_node(walk, value);
	walk->variables->quiet = quiet;
}

/* Not deeper than the tree's nesting: an alias leads to a value that ended before it. */
static void expand_node(struct walk *walk, const struct yaml_node *node)
{
	const struct yaml_node *target = yaml_target(node), *end = yaml_behind(target);
	const size_t index = (size_t)(target - walk->tree->nodes);

	if (walk->done[index])
		return;
	if (target->kind == YAML_SCALAR) {
		walk->done[index] = expand_scalar(walk, index);
		return;
	}
	walk->done[index] = !walk->variables->quiet;
	for (const struct yaml_node *child = target + 1; child != end;) {
		const struct yaml_node *key = target->kind == YAML_MAPPING ? child : NULL;
		const struct yaml_node *value = key ? yaml_behind(key) : child;

		expand_child(walk, key, value, index == 0);
		child = yaml_behind(value);
	}
}

/* Whether a text that no NUL ends has the mark in it. */
static bool has_mark(const char *text, size_t size)
{
	const char *at = text, *end = text + size;

	while ((at = memchr(at, *MARK, (size_t)(end - at)))) {
		if (++at < end && *at == MARK[1])
			return true;
	}
	return false;
}

void variables_expand(struct variables *variables, struct yaml_tree *tree)
{
	struct arena scratch = {0};
	struct walk walk = {variables, tree, NULL};

	if (tree->text_size == 0 || !has_mark(tree->text, tree->text_size))
		return;
	walk.done = arena_alloc(&scratch, tree->count);
	expand_node(&walk, tree->nodes);
	arena_finish(&scratch);
}
