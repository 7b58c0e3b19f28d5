#include "topology/yaml/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"
#include "topology/diag/codes.h"
#include "topology/yaml/yaml_build.h"
#include "topology/yaml/yaml_nodes.h"
#include "topology/yaml/yaml_syntax.h"

/* --- reading */

/* Whether an event has anything that is to be freed: most that begin or end something have not. */
static bool owns(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor || event->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor || event->data.mapping_start.tag;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return false;
	default:
		return true;
	}
}

/* Feeds all events to the builder; false when an error ended the reading. */
static bool read_events(yaml_parser_t *parser, struct yaml_builder *builder,
			const struct source *source, struct diag_list *diags)
{
	bool more = true;

	while (more) {
		yaml_event_t event;
		bool good;

		if (!yaml_parser_parse(parser, &event)) {
			yaml_syntax_error(parser, source, diags);
			return false;
		}
		more = event.type != YAML_STREAM_END_EVENT;
		good = yaml_builder_add(builder, &event);
		if (owns(&event))
			yaml_event_delete(&event);
		if (!good)
			return false;
	}
	return true;
}

static bool read_tree(const struct source *source, struct yaml_builder *builder,
		      struct diag_list *diags)
{
	const unsigned char *text = (const unsigned char *)source->text + source->mark_size;
	yaml_parser_t parser;
	bool good;

	if (!yaml_parser_initialize(&parser))
		memory_exhausted();
	/* libyaml drops a byte order mark only where it guesses the encoding itself. */
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, text, source->size - source->mark_size);
	good = read_events(&parser, builder, source, diags);
	yaml_parser_delete(&parser);
	return good;
}

/* Makes room for what most files of a size come to, so that what is read need not move. */
static void yaml_tree_reserve(struct yaml_tree *tree, size_t size)
{
	const size_t nodes = size / 6;

	tree->nodes = memory_reserve(tree->nodes, &tree->room, nodes, sizeof(*tree->nodes));
	tree->text = memory_reserve(tree->text, &tree->text_room, size / 2, 1);
}

bool yaml_read(const struct source *source, struct diag_list *diags, struct yaml_tree *tree)
{
	const size_t errors = diags->errors;
	struct yaml_builder *builder;
	bool good;

	if (!yaml_syntax_text(source, diags))
		return false;
	yaml_tree_reserve(tree, source->size);
	builder = yaml_builder_create(source, diags, tree);
	good = read_tree(source, builder, diags);
	yaml_builder_destroy(builder);
	if (good && tree->count && !yaml_is_null(tree, tree->nodes))
		return true;
	if (diags->errors == errors)
		diag_error(diags, CODE_EMPTY, source_span(source), "there is nothing in this file")
			->help = "begin with 'tunplan: 1', then 'hosts:' and 'tunnels:'";
	return false;
}

/* --- the array */

uint32_t yaml_add_text(struct yaml_tree *tree, const char *text, size_t size)
{
	const size_t offset = tree->text_size;

	tree->text = memory_reserve(tree->text, &tree->text_room, offset + size + 1, 1);
	memcpy(tree->text + offset, text, size);
	tree->text[offset + size] = '\0';
	tree->text_size = offset + size + 1;
	return (uint32_t)offset;
}

void yaml_tree_finish(struct yaml_tree *tree)
{
	free(tree->nodes);
	free(tree->text);
	*tree = (struct yaml_tree){0};
}

void yaml_tree_give(const struct yaml_tree *tree, struct arena *arena)
{
	arena_adopt(arena, tree->nodes);
	arena_adopt(arena, tree->text);
}

void yaml_tree_lend(const struct yaml_tree *tree, const struct yaml_node *from,
		    const struct yaml_node *to, struct arena *arena)
{
	struct yaml_node *bytes = tree->nodes + (from - tree->nodes);
	const struct yaml_node *end = to ? to : tree->nodes + tree->room;

	arena_lend(arena, bytes, (size_t)(end - from) * sizeof(*bytes));
}

/* --- walking */

const char *yaml_text(const struct yaml_tree *tree, const struct yaml_node *scalar)
{
	return tree->text + scalar->value;
}

void yaml_set_text(struct yaml_tree *tree, struct yaml_node *scalar, const char *text, size_t size)
{
	scalar->value = yaml_add_text(tree, text, size);
	scalar->count = (unsigned)size;
	scalar->exact = false;
}

struct yaml_walk yaml_walk(const struct yaml_node *node)
{
	return (struct yaml_walk){node + 1, yaml_behind(node)};
}

const struct yaml_node *yaml_next(struct yaml_walk *walk)
{
	const struct yaml_node *item = walk->next;

	if (item == walk->end)
		return NULL;
	walk->next = yaml_behind(item);
	return yaml_target(item);
}

bool yaml_next_pair(struct yaml_walk *walk, struct yaml_pair *ret_pair)
{
	while (walk->next != walk->end) {
		const struct yaml_node *key = walk->next;
		const struct yaml_node *value = yaml_behind(key);

		walk->next = yaml_behind(value);
		if (!key->key)
			continue;
		*ret_pair = (struct yaml_pair){key, yaml_target(value)};
		return true;
	}
	return false;
}

bool yaml_is_null(const struct yaml_tree *tree, const struct yaml_node *node)
{
	const char *text;

	if (node->kind != YAML_SCALAR || node->style != YAML_PLAIN)
		return false;
	text = yaml_text(tree, node);
	switch (*text) {
	case '\0':
		return true;
	case '~':
		return node->count == 1;
	case 'n':
		return strcmp(text, "null") == 0;
	case 'N':
		return strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
	default:
		return false;
	}
}

struct span yaml_part(const struct yaml_node *scalar, size_t offset, size_t length)
{
	const uint32_t quote = scalar->style == YAML_PLAIN ? 0 : 1;

	if (!scalar->exact)
		return scalar->at;
	return (struct span){scalar->at.at + quote + (uint32_t)offset,
			     length ? (uint32_t)length : 1};
}
