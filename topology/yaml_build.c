#include "topology/yaml_build.h"

#include <stdlib.h>
#include <string.h>

#include "topology/codes.h"
#include "topology/utf8.h"
#include "topology/yaml_mapping.h"

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

struct yaml_builder {
	uint32_t source; /* index of what is read */
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

static struct span span_of(const struct yaml_builder *builder, const yaml_event_t *event)
{
	const yaml_mark_t *start = &event->start_mark, *end = &event->end_mark;
	size_t length = start->line == end->line ? end->index - start->index : 1;

	return (struct span){builder->source, (uint32_t)start->line + 1,
			     (uint32_t)start->column + 1, length ? (uint32_t)length : 1};
}

/* A limit is passed: the file is not read on. */
static bool limit(struct yaml_builder *builder, const char *code, struct span at,
		  const char *message)
{
	diag_error(builder->diags, code, at, "%s", message)->help =
		"no topology should need that: look for a mistake";
	return false;
}

static void push(struct yaml_builder *builder, struct yaml_node *node)
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

static struct yaml_node *new_node(struct yaml_builder *builder, enum yaml_kind kind, struct span at)
{
	struct yaml_node *node = arena_alloc(builder->arena, sizeof(*node));

	node->kind = (uint8_t)kind;
	node->at = at;
	builder->nodes++;
	builder->weight++;
	return node;
}

/* Remembers an anchor; returns its index, or NO_ANCHOR when the event has none. */
static size_t add_anchor(struct yaml_builder *builder, const yaml_char_t *name,
			 struct yaml_node *node)
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

static void refuse_tag(struct yaml_builder *builder, const yaml_char_t *tag, struct span at)
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

static bool on_scalar(struct yaml_builder *builder, const yaml_event_t *event)
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

static bool open_level(struct yaml_builder *builder, enum yaml_kind kind, const yaml_event_t *event,
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

static bool on_list(struct yaml_builder *builder, const yaml_event_t *event)
{
	const struct span at = span_of(builder, event);

	refuse_tag(builder, event->data.sequence_start.tag, at);
	if (!open_level(builder, YAML_LIST, event, event->data.sequence_start.anchor))
		return false;
	builder->levels[builder->depth - 1].node->flow =
		event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	return true;
}

static bool on_mapping(struct yaml_builder *builder, const yaml_event_t *event)
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

static bool on_end(struct yaml_builder *builder, const yaml_event_t *event)
{
	struct level *level = &builder->levels[--builder->depth];
	struct yaml_node *node = level->node;
	const size_t count = builder->stack_count - level->first;
	/* There is no stack yet when an empty list is all that there is. */
	struct yaml_node **children = count ? builder->stack + level->first : NULL;

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

static const struct anchor *find_anchor(const struct yaml_builder *builder, const char *name)
{
	for (size_t i = builder->anchor_count; i-- > 0;) {
		if (strcmp(builder->anchors[i].name, name) == 0)
			return &builder->anchors[i];
	}
	return NULL;
}

/* What stands for an alias that cannot be followed. */
static struct yaml_node *reported_null(struct yaml_builder *builder, struct span at)
{
	struct yaml_node *node = new_node(builder, YAML_SCALAR, at);

	node->text = "";
	node->reported = true;
	return node;
}

static void report_alias(struct yaml_builder *builder, const char *name,
			 const struct anchor *anchor, struct span at)
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

static bool on_alias(struct yaml_builder *builder, const yaml_event_t *event)
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

static bool on_document(struct yaml_builder *builder, const yaml_event_t *event)
{
	struct span at = span_of(builder, event);

	if (builder->documents++ == 0)
		return true;
	diag_error(builder->diags, CODE_DOCUMENTS, at, "a second document begins here")->help =
		"keep one topology in a file: drop the '---' or what follows it";
	return false;
}

static bool makes_node(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT || event->type == YAML_SEQUENCE_START_EVENT ||
	       event->type == YAML_MAPPING_START_EVENT;
}

bool yaml_builder_add(struct yaml_builder *builder, const yaml_event_t *event)
{
	if (builder->nodes == YAML_NODES_MAX && makes_node(event))
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

struct yaml_builder *yaml_builder_create(uint32_t source, struct arena *arena,
					 struct diag_list *diags)
{
	struct yaml_builder *builder = calloc(1, sizeof(*builder));

	if (!builder)
		abort();
	builder->source = source;
	builder->arena = arena;
	builder->diags = diags;
	return builder;
}

void yaml_builder_destroy(struct yaml_builder *builder)
{
	if (!builder)
		return;
	free(builder->stack);
	free(builder);
}

const struct yaml_node *yaml_builder_root(const struct yaml_builder *builder)
{
	return builder->stack_count ? builder->stack[0] : NULL;
}
