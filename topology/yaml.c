#include "topology/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "topology/codes.h"
#include "topology/utf8.h"
#include "topology/yaml_mapping.h"
#include "topology/yaml_syntax.h"

struct anchor {
	const char *name;
	struct yaml_node *node;
	size_t weight; /* nodes that the anchored value stands for, aliases in it expanded */
	bool open;     /* the value is not complete yet: an alias to it would be a cycle */
};

/* A list or mapping whose end has not come yet. */
struct level {
	struct yaml_node *node;
	size_t first;        /* its first child on the stack of finished nodes */
	size_t weight_start; /* builder.weight when it began */
	size_t anchor;       /* index of its anchor, or NO_ANCHOR */
};

#define NO_ANCHOR SIZE_MAX

struct builder {
	const struct source *sources;
	uint32_t source; /* which of them is read */
	struct arena *arena;
	struct diag_list *diags;
	struct yaml_node **stack; /* finished nodes that wait for the end of their parent; malloc */
	size_t stack_count;
	size_t stack_room;
	struct level levels[YAML_DEPTH_MAX];
	size_t depth;
	struct anchor *anchors; /* in the order of the file: the latest of a name counts */
	size_t anchor_count;
	size_t weight;  /* nodes so far, aliases expanded */
	size_t aliased; /* the part of weight that comes from aliases */
	size_t nodes;
	size_t documents;
};

static struct span span_of(const struct builder *builder, const yaml_event_t *event)
{
	const yaml_mark_t *start = &event->start_mark, *end = &event->end_mark;
	size_t length = start->line == end->line ? end->index - start->index : 1;

	return (struct span){builder->source, (uint32_t)start->line + 1,
			     (uint32_t)start->column + 1, length ? (uint32_t)length : 1};
}

/* A limit is passed: the file is not read on. */
static bool limit(struct builder *builder, const char *code, struct span at, const char *message)
{
	diag_error(builder->diags, code, at, "%s", message)->help =
		"no topology should need that: look for a mistake";
	return false;
}

static void push(struct builder *builder, struct yaml_node *node)
{
	if (builder->stack_count == builder->stack_room) {
		builder->stack_room = builder->stack_room ? builder->stack_room * 2 : 256;
		builder->stack =
			realloc(builder->stack, builder->stack_room * sizeof(struct yaml_node *));
		if (!builder->stack)
			abort();
	}
	builder->stack[builder->stack_count++] = node;
}

static struct yaml_node *new_node(struct builder *builder, enum yaml_kind kind, struct span at)
{
	struct yaml_node *node = arena_alloc(builder->arena, sizeof(*node));

	node->kind = (uint8_t)kind;
	node->at = at;
	builder->nodes++;
	builder->weight++;
	return node;
}

/* Remembers an anchor; returns its index, or NO_ANCHOR when the event has none. */
static size_t add_anchor(struct builder *builder, const yaml_char_t *name, struct yaml_node *node)
{
	struct anchor *anchor;

	if (!name)
		return NO_ANCHOR;
	if (builder->anchor_count > YAML_ANCHORS_MAX)
		return NO_ANCHOR;
	if (builder->anchor_count == YAML_ANCHORS_MAX)
		limit(builder, CODE_LIMIT_ALIASES, node->at, "more than 1000 anchors");
	anchor = arena_push(builder->arena, &builder->anchors, &builder->anchor_count,
			    sizeof(*anchor));
	anchor->name = arena_string(builder->arena, (const char *)name);
	anchor->node = node;
	anchor->weight = 1;
	return builder->anchor_count - 1;
}

static void refuse_tag(struct builder *builder, const yaml_char_t *tag, struct span at)
{
	static const char core[] = "tag:yaml.org,2002:";
	const char *text = (const char *)tag;
	const char *prefix = "";

	if (!text)
		return;
	if (strncmp(text, core, strlen(core)) == 0) {
		text += strlen(core);
		prefix = "!!";
	}
	diag_error(builder->diags, CODE_TAG, at, "the tag '%s%s' means nothing here", prefix, text)
		->help = "drop it, or quote the value if it begins with '!'";
}

static enum yaml_style style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_PLAIN_SCALAR_STYLE:
		return YAML_PLAIN;
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return YAML_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return YAML_DOUBLE;
	default:
		return YAML_FOLDED;
	}
}

/*
 * libyaml's place of a scalar with an anchor or a tag begins there. A plain one ends where its
 * text ends, so its own place can be found from behind.
 */
static void skip_properties(struct yaml_node *scalar)
{
	const size_t length = utf8_length(scalar->text, scalar->count);

	if (scalar->style != YAML_PLAIN || length >= scalar->at.length || length == 0)
		return;
	scalar->at.column += scalar->at.length - (uint32_t)length;
	scalar->at.length = (uint32_t)length;
}

static bool on_scalar(struct builder *builder, const yaml_event_t *event)
{
	struct yaml_node *node = new_node(builder, YAML_SCALAR, span_of(builder, event));
	const char *text = (const char *)event->data.scalar.value;
	const size_t length = event->data.scalar.length;

	node->style = (uint8_t)style_of(event->data.scalar.style);
	if (event->start_mark.line != event->end_mark.line)
		node->style = YAML_FOLDED;
	node->text = arena_copy(builder->arena, text, length);
	node->count = (uint32_t)strlen(node->text);
	if (node->count < length) {
		node->reported = true;
		diag_error(builder->diags, CODE_NOT_TEXT, node->at, "a value cannot hold a NUL");
	}
	if (event->data.scalar.anchor || event->data.scalar.tag)
		skip_properties(node);
	refuse_tag(builder, event->data.scalar.tag, node->at);
	add_anchor(builder, event->data.scalar.anchor, node);
	push(builder, node);
	return true;
}

static bool open_level(struct builder *builder, enum yaml_kind kind, const yaml_event_t *event,
		       const yaml_char_t *anchor)
{
	struct level *level;
	struct span at = span_of(builder, event);

	at.length = 1;
	if (builder->depth == YAML_DEPTH_MAX)
		return limit(builder, CODE_LIMIT_DEPTH, at,
			     "lists and mappings are nested more than 64 deep");
	level = &builder->levels[builder->depth++];
	level->first = builder->stack_count;
	level->weight_start = builder->weight;
	level->node = new_node(builder, kind, at);
	level->anchor = add_anchor(builder, anchor, level->node);
	if (level->anchor != NO_ANCHOR)
		builder->anchors[level->anchor].open = true;
	return true;
}

static bool on_list(struct builder *builder, const yaml_event_t *event)
{
	const struct span at = span_of(builder, event);

	refuse_tag(builder, event->data.sequence_start.tag, at);
	if (!open_level(builder, YAML_LIST, event, event->data.sequence_start.anchor))
		return false;
	builder->levels[builder->depth - 1].node->flow =
		event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	return true;
}

static bool on_mapping(struct builder *builder, const yaml_event_t *event)
{
	const struct span at = span_of(builder, event);

	refuse_tag(builder, event->data.mapping_start.tag, at);
	if (!open_level(builder, YAML_MAPPING, event, event->data.mapping_start.anchor))
		return false;
	builder->levels[builder->depth - 1].node->flow =
		event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	return true;
}

/* A list or mapping on one line is marked from bracket to bracket. */
static void span_flow(struct yaml_node *node, const yaml_event_t *end)
{
	const uint32_t end_column = (uint32_t)end->end_mark.column + 1;

	if (node->flow && end->end_mark.line + 1 == node->at.line && end_column > node->at.column)
		node->at.length = end_column - node->at.column;
}

static bool on_end(struct builder *builder, const yaml_event_t *event)
{
	struct level *level = &builder->levels[--builder->depth];
	struct yaml_node *node = level->node;
	struct yaml_node **children = builder->stack + level->first;
	const size_t count = builder->stack_count - level->first;

	span_flow(node, event);
	if (node->kind == YAML_MAPPING) {
		yaml_mapping_fill(node, children, count / 2, builder->arena, builder->diags);
	} else {
		node->items = arena_array(builder->arena, count, sizeof(const struct yaml_node *));
		for (size_t i = 0; i < count; i++)
			node->items[i] = children[i];
		node->count = (uint32_t)count;
	}
	if (level->anchor != NO_ANCHOR) {
		builder->anchors[level->anchor].open = false;
		builder->anchors[level->anchor].weight = builder->weight - level->weight_start;
	}
	builder->stack_count = level->first;
	push(builder, node);
	return true;
}

static const struct anchor *find_anchor(const struct builder *builder, const char *name)
{
	for (size_t i = builder->anchor_count; i-- > 0;) {
		if (strcmp(builder->anchors[i].name, name) == 0)
			return &builder->anchors[i];
	}
	return NULL;
}

/* What stands for an alias that cannot be followed. */
static struct yaml_node *reported_null(struct builder *builder, struct span at)
{
	struct yaml_node *node = new_node(builder, YAML_SCALAR, at);

	node->text = "";
	node->reported = true;
	return node;
}

static void report_alias(struct builder *builder, const char *name, const struct anchor *anchor,
			 struct span at)
{
	struct diag *diag;

	if (anchor) {
		diag_error(builder->diags, CODE_ALIAS_CYCLE, at,
			   "the alias '*%s' stands inside the value that it repeats", name)
			->help = "a value cannot contain itself";
		return;
	}
	diag = diag_error(builder->diags, CODE_UNKNOWN_ALIAS, at,
			  "'*%s' repeats the value marked '&%s', and there is none before it", name,
			  name);
	diag_help(builder->diags, diag, "if it is a pattern, quote it: \"*%s\"", name);
}

static bool on_alias(struct builder *builder, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct span at = span_of(builder, event);
	const struct anchor *anchor = find_anchor(builder, name);

	if (!anchor || anchor->open) {
		report_alias(builder, name, anchor, at);
		push(builder, reported_null(builder, at));
		return true;
	}
	builder->weight += anchor->weight;
	builder->aliased += anchor->weight;
	if (builder->aliased > YAML_ALIASED_MAX)
		return limit(builder, CODE_LIMIT_ALIASES, at,
			     "the aliases up to this one repeat more than 100 000 values");
	push(builder, anchor->node);
	return true;
}

static bool on_document(struct builder *builder, const yaml_event_t *event)
{
	struct span at = span_of(builder, event);

	if (builder->documents++ == 0)
		return true;
	diag_error(builder->diags, CODE_DOCUMENTS, at, "a second document begins here")->help =
		"keep one topology in a file: drop the '---' or what follows it";
	return false;
}

/* What to do at each kind of event; false stops the reading, the error is reported. */
static bool on_event(struct builder *builder, const yaml_event_t *event)
{
	if (builder->nodes >= YAML_NODES_MAX)
		return limit(builder, CODE_LIMIT_NODES, span_of(builder, event),
			     "the file has more than four million values");
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return on_document(builder, event);
	case YAML_ALIAS_EVENT:
		return on_alias(builder, event);
	case YAML_SCALAR_EVENT:
		return on_scalar(builder, event);
	case YAML_SEQUENCE_START_EVENT:
		return on_list(builder, event);
	case YAML_MAPPING_START_EVENT:
		return on_mapping(builder, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_end(builder, event);
	default:
		return true;
	}
}

static bool read_events(struct builder *builder, yaml_parser_t *parser)
{
	bool more = true;

	while (more) {
		yaml_event_t event;
		bool good;

		if (!yaml_parser_parse(parser, &event)) {
			yaml_syntax_error(parser, builder->sources, builder->source,
					  builder->diags);
			return false;
		}
		more = event.type != YAML_STREAM_END_EVENT;
		good = on_event(builder, &event);
		yaml_event_delete(&event);
		if (!good)
			return false;
	}
	return true;
}

static const struct yaml_node *finish_root(const struct builder *builder)
{
	const struct span nowhere = {.source = builder->source};
	const struct yaml_node *root = builder->stack_count ? builder->stack[0] : NULL;

	if (root && !yaml_is_null(root))
		return root;
	diag_error(builder->diags, CODE_EMPTY, nowhere, "there is nothing in this file")->help =
		"begin with 'tunplan: 1', then 'hosts:' and 'tunnels:'";
	return NULL;
}

const struct yaml_node *yaml_read(const struct source *sources, uint32_t index, struct arena *arena,
				  struct diag_list *diags)
{
	const struct source *source = &sources[index];
	struct builder builder = {
		.sources = sources, .source = index, .arena = arena, .diags = diags};
	const size_t mark = utf8_mark_size(source->text, source->size);
	const struct yaml_node *root = NULL;
	yaml_parser_t parser;

	if (source->size > YAML_SIZE_MAX) {
		limit(&builder, CODE_LIMIT_SIZE, (struct span){.source = index},
		      "the file is larger than 16 MiB");
		return NULL;
	}
	if (!yaml_syntax_text(sources, index, diags))
		return NULL;
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	/* libyaml drops a byte order mark only where it guesses the encoding itself. */
	yaml_parser_set_input_string(&parser, (const unsigned char *)source->text + mark,
				     source->size - mark);
	if (read_events(&builder, &parser))
		root = finish_root(&builder);
	yaml_parser_delete(&parser);
	free(builder.stack);
	return root;
}

bool yaml_is_null(const struct yaml_node *node)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

	if (node->kind != YAML_SCALAR || node->style != YAML_PLAIN)
		return false;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
		if (strcmp(node->text, nulls[i]) == 0)
			return true;
	}
	return false;
}

/* Code points that the first size bytes of the text take in the file, without a quote. */
static size_t written_length(const struct yaml_node *scalar, size_t size)
{
	size_t length = utf8_length(scalar->text, size);

	if (scalar->style != YAML_SINGLE)
		return length;
	for (size_t i = 0; i < size; i++) {
		if (scalar->text[i] == '\'')
			length++;
	}
	return length;
}

struct span yaml_part(const struct yaml_node *scalar, size_t offset, size_t length)
{
	const uint32_t quote = scalar->style == YAML_PLAIN ? 0 : 1;
	struct span at = scalar->at;

	/* Another length than the text's: there are escapes in it. */
	if (scalar->style == YAML_FOLDED ||
	    written_length(scalar, scalar->count) + 2 * quote != scalar->at.length)
		return at;
	at.column += quote + (uint32_t)written_length(scalar, offset);
	at.length = (uint32_t)(written_length(scalar, offset + length) -
			       written_length(scalar, offset));
	if (at.length == 0)
		at.length = 1;
	return at;
}
