#include "topology/yaml/yaml.h"

#include "topology/base/memory.h"
#include "topology/diag/codes.h"
#include "topology/yaml/yaml_build.h"
#include "topology/yaml/yaml_syntax.h"

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
