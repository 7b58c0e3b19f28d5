#include "tests/yaml/model.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "topology/base/arena.h"
#include "topology/diag/codes.h"

/* Deeper than any case of the suite, and than any file that we take. */
#define DEPTH_MAX 64

enum kind { SCALAR, LIST, MAPPING };

struct node {
	enum kind kind;
	bool plain; /* of a scalar: without quotes, on one line */
	bool open;  /* its end has not come yet */
	const char *text;
	struct node **items; /* a mapping's: key, value, key, value */
	size_t count;
};

struct anchor {
	const char *name;
	struct node *node;
};

struct reading {
	struct model *model;
	struct arena arena;
	struct node *root;
	struct node *open[DEPTH_MAX];
	size_t depth;
	struct anchor *anchors;
	size_t anchor_count;
	size_t documents;
};

uint32_t model_bit(const char *code)
{
	return UINT32_C(1) << strtoul(code + 1, NULL, 10);
}

static void expect(struct reading *reading, const char *code)
{
	reading->model->codes |= model_bit(code);
}

/* --- from events to nodes */

static void add_anchor(struct reading *reading, const char *name, struct node *node)
{
	struct anchor *anchor = arena_push(&reading->arena, &reading->anchors,
					   &reading->anchor_count, sizeof(*anchor));

	*anchor = (struct anchor){arena_string(&reading->arena, name), node};
}

static struct node *make_node(struct reading *reading, enum kind kind, const yaml_char_t *anchor,
			      const yaml_char_t *tag)
{
	struct node *node = arena_alloc(&reading->arena, sizeof(*node));

	*node = (struct node){.kind = kind, .text = ""};
	if (anchor)
		add_anchor(reading, (const char *)anchor, node);
	if (tag)
		expect(reading, CODE_TAG);
	return node;
}

static void hang(struct reading *reading, struct node *node)
{
	struct node *parent, **slot;

	if (reading->depth == 0) {
		reading->root = node;
		return;
	}
	parent = reading->open[reading->depth - 1];
	slot = arena_push(&reading->arena, &parent->items, &parent->count, sizeof(*slot));
	*slot = node;
}

static void on_scalar(struct reading *reading, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct node *node =
		make_node(reading, SCALAR, event->data.scalar.anchor, event->data.scalar.tag);

	node->text = arena_string(&reading->arena, text);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (strlen(text) < event->data.scalar.length)
		expect(reading, CODE_NOT_TEXT);
	hang(reading, node);
}

static void on_start(struct reading *reading, struct node *node)
{
	if (reading->depth == DEPTH_MAX) {
		fprintf(stderr, "model: a case is nested too deep\n");
		exit(2);
	}
	node->open = true;
	hang(reading, node);
	reading->open[reading->depth++] = node;
}

static bool is_key_before(const struct node *mapping, size_t index)
{
	for (size_t i = 0; i < index; i += 2) {
		if (mapping->items[i]->kind == SCALAR &&
		    strcmp(mapping->items[i]->text, mapping->items[index]->text) == 0)
			return true;
	}
	return false;
}

static void on_end(struct reading *reading)
{
	struct node *node = reading->open[--reading->depth];

	assert(node);
	node->open = false;
	if (node->kind == LIST)
		return;
	for (size_t i = 0; i < node->count; i += 2) {
		if (node->items[i]->kind != SCALAR)
			expect(reading, CODE_COMPLEX_KEY);
		else if (is_key_before(node, i))
			expect(reading, CODE_DUPLICATE_KEY);
	}
}

static void on_alias(struct reading *reading, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct node *node = NULL;

	for (size_t i = 0; i < reading->anchor_count; i++) {
		if (strcmp(reading->anchors[i].name, name) == 0)
			node = reading->anchors[i].node;
	}
	if (!node || node->open) {
		expect(reading, node ? CODE_ALIAS_CYCLE : CODE_UNKNOWN_ALIAS);
		node = make_node(reading, SCALAR, NULL, NULL);
	}
	hang(reading, node);
}

static void on_event(struct reading *reading, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		on_scalar(reading, event);
		return;
	case YAML_ALIAS_EVENT:
		on_alias(reading, event);
		return;
	case YAML_SEQUENCE_START_EVENT:
		on_start(reading, make_node(reading, LIST, event->data.sequence_start.anchor,
					    event->data.sequence_start.tag));
		return;
	case YAML_MAPPING_START_EVENT:
		on_start(reading, make_node(reading, MAPPING, event->data.mapping_start.anchor,
					    event->data.mapping_start.tag));
		return;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_end(reading);
		return;
	default:
		return;
	}
}

/* We read up to a second document; whether libyaml takes the rest is of interest all the same. */
static void read_events(struct reading *reading, yaml_parser_t *parser)
{
	bool more = true;

	while (more) {
		yaml_event_t event;

		if (!yaml_parser_parse(parser, &event)) {
			if (parser->error == YAML_READER_ERROR)
				reading->model->codes = model_bit(CODE_NOT_TEXT);
			else if (reading->documents < 2)
				expect(reading, CODE_SYNTAX);
			return;
		}
		if (event.type == YAML_DOCUMENT_START_EVENT && ++reading->documents == 2)
			expect(reading, CODE_DOCUMENTS);
		if (reading->documents < 2)
			on_event(reading, &event);
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	reading->model->valid = true;
}

/* --- from nodes to text */

void model_show_scalar(struct strbuf *text, const char *scalar)
{
	strbuf_puts(text, "\"");
	for (; *scalar; scalar++) {
		if (*scalar == '"' || *scalar == '\\')
			strbuf_puts(text, "\\");
		strbuf_printf(text, *scalar == '\n' ? "\\n" : "%c", *scalar);
	}
	strbuf_puts(text, "\"");
}

static void show(struct strbuf *text, const struct node *node)
{
	const char *comma = "";

	if (node->kind == SCALAR) {
		model_show_scalar(text, node->text);
		return;
	}
	strbuf_puts(text, node->kind == LIST ? "[" : "{");
	for (size_t i = 0; i < node->count; i++) {
		/* What stands behind a key that is none is left out. */
		if (node->kind == MAPPING && node->items[i]->kind != SCALAR) {
			i++;
			continue;
		}
		strbuf_puts(text, comma);
		show(text, node->items[i]);
		comma = ", ";
		if (node->kind == LIST)
			continue;
		strbuf_puts(text, ": ");
		show(text, node->items[++i]);
	}
	strbuf_puts(text, node->kind == LIST ? "]" : "}");
}

static bool is_null(const struct node *root)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

	if (!root)
		return true;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
		if (root->kind == SCALAR && root->plain && strcmp(root->text, nulls[i]) == 0)
			return true;
	}
	return false;
}

void model_init(struct model *model, const char *text, size_t size)
{
	struct reading reading = {.model = model};
	yaml_parser_t parser;

	*model = (struct model){0};
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	read_events(&reading, &parser);
	yaml_parser_delete(&parser);
	model->tree = model->valid && reading.documents < 2 && !is_null(reading.root);
	if (model->tree)
		show(&model->text, reading.root);
	else if (model->codes == 0)
		model->codes = model_bit(CODE_EMPTY);
	arena_finish(&reading.arena);
}

void model_finish(struct model *model)
{
	strbuf_finish(&model->text);
}
