#include "topology/yaml/yaml_build.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/hash.h"
#include "topology/base/memory.h"
#include "topology/base/utf8.h"
#include "topology/diag/codes.h"
#include "topology/yaml/yaml_mapping.h"
#include "topology/yaml/yaml_nodes.h"

struct anchor {
	const char *name;
	size_t node;
	size_t weight; /* nodes that the anchored value stands for, aliases in it expanded */
	bool open;     /* the value is not complete yet: an alias to it would be a cycle */
};

/* A list or mapping whose end has not come yet. */
struct level {
	size_t node;
	size_t first_key;    /* of a mapping: its first key among builder.keys */
	size_t weight_start; /* builder.weight when it began */
	size_t anchor;       /* index of its anchor, or NO_ANCHOR */
	size_t line;         /* where it began, by libyaml's count */
	bool mapping;
	bool at_value; /* of a mapping: a key has come, and its value has not */
	bool unusual;  /* of a mapping: it has keys that yaml_mapping_finish() must look at */
};

#define NO_ANCHOR SIZE_MAX

/* Texts that may come again (keys, most of all), by the upper bits of their hash. */
#define RECENT_BITS  9
#define RECENT_COUNT (1 << RECENT_BITS)
#define RECENT_SIZE  24

struct recent {
	uint32_t offset; /* in the tree's texts */
	uint32_t size;   /* 0: none */
};

/* Where a code point of the source is, by number and by byte: libyaml tells the number. */
struct cursor {
	size_t point;
	size_t offset;
};

struct yaml_builder {
	const struct source *source;
	struct diag_list *diags;
	struct yaml_tree *tree;
	struct level levels[YAML_DEPTH_MAX];
	size_t depth;
	struct yaml_key *keys; /* of the open mappings; from malloc() */
	size_t key_count;
	size_t key_room;
	struct arena arena;     /* the anchors */
	struct anchor *anchors; /* in the order of the file: the latest of a name counts */
	size_t anchor_count;
	size_t weight;  /* nodes so far, aliases expanded */
	size_t aliased; /* the part of weight that comes from aliases */
	size_t documents;
	struct cursor cursor;
	struct recent recent[RECENT_COUNT];
};

/* --- places */

/* Returns the byte offset of a mark. Marks come nearly in order: the cursor moves a little. */
static size_t offset_of(struct yaml_builder *builder, const yaml_mark_t *mark)
{
	const struct source *source = builder->source;
	struct cursor *cursor = &builder->cursor;

	if (source->ascii)
		return source->mark_size + mark->index;
	while (cursor->point < mark->index && cursor->offset < source->size) {
		do
			cursor->offset++;
		while (cursor->offset < source->size &&
		       utf8_is_inside(source->text[cursor->offset]));
		cursor->point++;
	}
	while (cursor->point > mark->index) {
		do
			cursor->offset--;
		while (utf8_is_inside(source->text[cursor->offset]));
		cursor->point--;
	}
	return cursor->offset;
}

/* What stands on one line is marked from its start to its end, all else at its first character. */
static struct span span_of(struct yaml_builder *builder, const yaml_event_t *event)
{
	const size_t start = offset_of(builder, &event->start_mark);
	const size_t end = offset_of(builder, &event->end_mark);
	const bool line = event->start_mark.line == event->end_mark.line && end > start;

	return (struct span){builder->source->base + (uint32_t)start,
			     line ? (uint32_t)(end - start) : 1};
}

/* A limit is passed: the file is not read on. */
static bool limit(struct yaml_builder *builder, const char *code, struct span at,
		  const char *message)
{
	diag_error(builder->diags, code, at, "%s", message)->help =
		"no topology should need that: look for a mistake";
	return false;
}

/* --- texts */

/* Returns the offset of a text among the tree's, where the same may stand already. */
static uint32_t keep_text(struct yaml_builder *builder, const char *text, size_t size,
			  uint32_t hash)
{
	struct yaml_tree *tree = builder->tree;
	struct recent *recent;

	if (size == 0 || size > RECENT_SIZE)
		return yaml_add_text(tree, text, size);
	recent = &builder->recent[hash >> (32 - RECENT_BITS)];
	if (recent->size == size && memcmp(tree->text + recent->offset, text, size) == 0)
		return recent->offset;
	*recent = (struct recent){yaml_add_text(tree, text, size), (uint32_t)size};
	return recent->offset;
}

/* --- nodes */

/* Appends a node. */
static size_t add_node(struct yaml_builder *builder, struct yaml_node node)
{
	*yaml_add_node(builder->tree) = node;
	builder->weight++;
	return builder->tree->count - 1;
}

static struct level *top_level(struct yaml_builder *builder)
{
	return builder->depth ? &builder->levels[builder->depth - 1] : NULL;
}

/* Adds a key without a text, whose node is the next one. */
static struct yaml_key *add_key(struct yaml_builder *builder)
{
	struct yaml_key *key;

	if (builder->key_count == builder->key_room)
		builder->keys = memory_reserve(builder->keys, &builder->key_room,
					       builder->key_count + 1, sizeof(*builder->keys));
	key = &builder->keys[builder->key_count++];
	*key = (struct yaml_key){.node = (uint32_t)builder->tree->count, .text = YAML_NO_TEXT};
	return key;
}

/*
 * Notes that a child of the innermost open level begins with the next node. Returns the key if it is
 * one, to be filled by the one who knows its text, else NULL.
 */
static struct yaml_key *begin_child(struct yaml_builder *builder)
{
	struct level *level = top_level(builder);

	if (!level)
		return NULL;
	if (!level->mapping) {
		builder->tree->nodes[level->node].count++;
		return NULL;
	}
	level->at_value = !level->at_value;
	return level->at_value ? add_key(builder) : NULL;
}

/* Likewise, of a key for which an alias stands: its node is the last one. */
static void fill_repeated_key(struct yaml_builder *builder, struct yaml_key *key)
{
	const struct yaml_node *node = &builder->tree->nodes[builder->tree->count - 1];

	if (!key)
		return;
	top_level(builder)->unusual = true;
	if (node->kind == YAML_SCALAR) {
		key->text = node->value;
		key->hash = text_hash(builder->tree->text + node->value, node->count);
	}
}

/* Remembers an anchor; returns its index, or NO_ANCHOR when the event has none. */
static size_t add_anchor(struct yaml_builder *builder, const yaml_char_t *name, size_t node)
{
	struct anchor *anchor;

	if (!name || builder->anchor_count > YAML_ANCHORS_MAX)
		return NO_ANCHOR;
	if (builder->anchor_count == YAML_ANCHORS_MAX)
		limit(builder, CODE_LIMIT_ALIASES, builder->tree->nodes[node].at,
		      "more than 1000 anchors");
	anchor = ARENA_PUSH(&builder->arena, builder->anchors, builder->anchor_count);
	anchor->name = arena_string(&builder->arena, (const char *)name);
	anchor->node = node;
	anchor->weight = 1;
	return builder->anchor_count - 1;
}

static void refuse_tag(struct yaml_builder *builder, const yaml_char_t *tag, struct span at)
{
	static const char core[] = "tag:yaml.org,2002:";
	const char *text = (const char *)tag;
	const char *prefix = "";

	if (strncmp(text, core, strlen(core)) == 0) {
		text += strlen(core);
		prefix = "!!";
	}
	diag_error(builder->diags, CODE_TAG, at, "the tag '%s%s' means nothing here", prefix, text)
		->help = "drop it, or quote the value if it begins with '!'";
}

static enum yaml_style style_of(const yaml_event_t *event)
{
	if (event->start_mark.line != event->end_mark.line)
		return YAML_FOLDED;
	switch (event->data.scalar.style) {
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
 * Finds out whether a scalar's text stands in the source as it is, and where: libyaml's place of a
 * scalar with an anchor or a tag begins there, so it is looked for from the end.
 */
static bool find_exact(const struct source *source, const yaml_event_t *event,
		       enum yaml_style style, struct span *at)
{
	const char *text = (const char *)event->data.scalar.value;
	const size_t size = event->data.scalar.length, quotes = style == YAML_PLAIN ? 0 : 2;
	const char *end = source->text + (at->at - source->base) + at->length;
	const uint32_t more = at->length - (uint32_t)(size + quotes);

	if (style == YAML_FOLDED || size == 0 || size + quotes > at->length)
		return false;
	if (more && !event->data.scalar.anchor && !event->data.scalar.tag)
		return false;
	/* What has no quotes has no escapes. */
	if (quotes && memcmp(end - size - 1, text, size) != 0)
		return false;
	*at = (struct span){at->at + more, at->length - more};
	return true;
}

/* Only an escape in double quotes can be a NUL. */
static size_t text_size(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	const size_t length = event->data.scalar.length;

	return event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE ? strlen(text) : length;
}

static bool on_scalar(struct yaml_builder *builder, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	const size_t size = text_size(event);
	const bool nul = size < event->data.scalar.length;
	const enum yaml_style style = style_of(event);
	struct span at = span_of(builder, event);
	const bool exact = !nul && find_exact(builder->source, event, style, &at);
	const uint32_t hash = text_hash(text, size);
	const uint32_t offset = keep_text(builder, text, size, hash);
	struct yaml_key *key = begin_child(builder);
	const bool merges =
		key && style == YAML_PLAIN && size == 2 && memcmp(text, "<<", size) == 0;
	size_t node;

	node = add_node(builder, (struct yaml_node){
					 .at = at,
					 .value = offset,
					 .count = (unsigned)size,
					 .kind = YAML_SCALAR,
					 .style = style,
					 .key = key && !merges,
					 .exact = exact,
					 .reported = nul,
				 });
	if (key) {
		key->text = offset;
		key->hash = hash;
	}
	if (merges)
		top_level(builder)->unusual = true;
	if (nul)
		diag_error(builder->diags, CODE_NOT_TEXT, at, "a value cannot hold a NUL");
	if (event->data.scalar.tag)
		refuse_tag(builder, event->data.scalar.tag, at);
	if (event->data.scalar.anchor)
		add_anchor(builder, event->data.scalar.anchor, node);
	return true;
}

static bool open_level(struct yaml_builder *builder, enum yaml_kind kind, enum yaml_style style,
		       const yaml_event_t *event, const yaml_char_t *anchor)
{
	struct span at = span_of(builder, event);
	struct level *level;

	at.length = 1;
	if (builder->depth == YAML_DEPTH_MAX)
		return limit(builder, CODE_LIMIT_DEPTH, at,
			     "lists and mappings are nested more than 64 deep");
	if (begin_child(builder))
		top_level(builder)->unusual = true;
	level = &builder->levels[builder->depth++];
	*level = (struct level){
		.node = builder->tree->count,
		.first_key = builder->key_count,
		.weight_start = builder->weight,
		.line = event->start_mark.line,
		.mapping = kind == YAML_MAPPING,
	};
	add_node(builder, (struct yaml_node){.at = at, .kind = kind, .style = style});
	level->anchor = add_anchor(builder, anchor, level->node);
	if (level->anchor != NO_ANCHOR)
		builder->anchors[level->anchor].open = true;
	return true;
}

static bool on_list(struct yaml_builder *builder, const yaml_event_t *event)
{
	const bool flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;

	if (event->data.sequence_start.tag)
		refuse_tag(builder, event->data.sequence_start.tag, span_of(builder, event));
	return open_level(builder, YAML_LIST, flow ? YAML_FLOW : YAML_BLOCK, event,
			  event->data.sequence_start.anchor);
}

static bool on_mapping(struct yaml_builder *builder, const yaml_event_t *event)
{
	const bool flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;

	if (event->data.mapping_start.tag)
		refuse_tag(builder, event->data.mapping_start.tag, span_of(builder, event));
	return open_level(builder, YAML_MAPPING, flow ? YAML_FLOW : YAML_BLOCK, event,
			  event->data.mapping_start.anchor);
}

static bool on_end(struct yaml_builder *builder, const yaml_event_t *event)
{
	const struct level *level = &builder->levels[--builder->depth];
	struct yaml_tree *tree = builder->tree;
	struct yaml_node *node = &tree->nodes[level->node];

	/* One on a single line is marked from bracket to bracket. */
	if (node->style == YAML_FLOW && event->end_mark.line == level->line)
		node->at.length = builder->source->base +
				  (uint32_t)offset_of(builder, &event->end_mark) - node->at.at;
	if (level->mapping)
		yaml_mapping_finish(
			tree, level->node, builder->keys ? builder->keys + level->first_key : NULL,
			builder->key_count - level->first_key, level->unusual, builder->diags);
	tree->nodes[level->node].value = (uint32_t)(tree->count - level->node);
	builder->key_count = level->first_key;
	if (level->anchor != NO_ANCHOR) {
		builder->anchors[level->anchor].open = false;
		builder->anchors[level->anchor].weight = builder->weight - level->weight_start;
	}
	return true;
}

/* --- aliases */

static const struct anchor *find_anchor(const struct yaml_builder *builder, const char *name)
{
	for (size_t i = builder->anchor_count; i-- > 0;) {
		if (strcmp(builder->anchors[i].name, name) == 0)
			return &builder->anchors[i];
	}
	return NULL;
}

/* What stands for an alias that cannot be followed. */
static void add_reported_null(struct yaml_builder *builder, struct span at)
{
	add_node(builder, (struct yaml_node){
				  .at = at,
				  .value = yaml_add_text(builder->tree, "", 0),
				  .kind = YAML_SCALAR,
				  .reported = true,
			  });
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
	const struct anchor *anchor = find_anchor(builder, name);
	const struct span at = span_of(builder, event);
	struct yaml_key *key = begin_child(builder);
	struct yaml_node *node;

	if (!anchor || anchor->open) {
		report_alias(builder, name, anchor, at);
		add_reported_null(builder, at);
		fill_repeated_key(builder, key);
		return true;
	}
	builder->weight += anchor->weight;
	builder->aliased += anchor->weight;
	if (builder->aliased > YAML_ALIASED_MAX)
		return limit(builder, CODE_LIMIT_ALIASES, at,
			     "the aliases up to this one repeat more than 100 000 values");
	/* A scalar is as small as an alias of it. */
	node = yaml_add_node(builder->tree);
	*node = builder->tree->nodes[anchor->node];
	node->key = false;
	if (node->kind != YAML_SCALAR) {
		builder->tree->aliased = true;
		node->kind = YAML_ALIAS;
		node->value = (uint32_t)(builder->tree->count - 1 - anchor->node);
	}
	fill_repeated_key(builder, key);
	return true;
}

static bool on_document(struct yaml_builder *builder, const yaml_event_t *event)
{
	if (builder->documents++ == 0)
		return true;
	diag_error(builder->diags, CODE_DOCUMENTS, span_of(builder, event),
		   "a second document begins here")
		->help = "keep one topology in a file: drop the '---' or what follows it";
	return false;
}

/* --- events */

static bool makes_node(const yaml_event_t *event)
{
	return event->type == YAML_SCALAR_EVENT || event->type == YAML_SEQUENCE_START_EVENT ||
	       event->type == YAML_MAPPING_START_EVENT || event->type == YAML_ALIAS_EVENT;
}

bool yaml_builder_add(struct yaml_builder *builder, const yaml_event_t *event)
{
	if (builder->tree->count >= YAML_NODES_MAX && makes_node(event))
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

struct yaml_builder *yaml_builder_create(const struct source *source, struct diag_list *diags,
					 struct yaml_tree *tree)
{
	struct yaml_builder *builder = memory_alloc(sizeof(*builder));

	builder->source = source;
	builder->diags = diags;
	builder->tree = tree;
	builder->cursor.offset = source->mark_size;
	return builder;
}

void yaml_builder_destroy(struct yaml_builder *builder)
{
	if (!builder)
		return;
	arena_finish(&builder->arena);
	free(builder->keys);
	free(builder);
}
