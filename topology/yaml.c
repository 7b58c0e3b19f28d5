#include "topology/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "topology/codes.h"
#include "topology/utf8.h"
#include "topology/yaml_build.h"
#include "topology/yaml_syntax.h"

/* Feeds all events to the builder; false when an error ended the reading. */
static bool read_events(yaml_parser_t *parser, struct yaml_builder *builder,
			const struct source *sources, uint32_t index, struct diag_list *diags)
{
	bool more = true;

	while (more) {
		yaml_event_t event;
		bool good;

		if (!yaml_parser_parse(parser, &event)) {
			yaml_syntax_error(parser, sources, index, diags);
			return false;
		}
		more = event.type != YAML_STREAM_END_EVENT;
		good = yaml_builder_add(builder, &event);
		yaml_event_delete(&event);
		if (!good)
			return false;
	}
	return true;
}

/* Whether the whole of a source may be given to libyaml. */
static bool check_text(const struct source *sources, uint32_t index, struct diag_list *diags)
{
	const struct span nowhere = {.source = index};

	if (sources[index].size <= YAML_SIZE_MAX)
		return yaml_syntax_text(sources, index, diags);
	diag_error(diags, CODE_LIMIT_SIZE, nowhere, "the file is larger than 16 MiB")->help =
		"is it the right file?";
	return false;
}

static const struct yaml_node *read_tree(const struct source *sources, uint32_t index,
					 struct yaml_builder *builder, struct diag_list *diags)
{
	const struct source *source = &sources[index];
	/* libyaml drops a byte order mark only where it guesses the encoding itself. */
	const size_t mark = utf8_mark_size(source->text, source->size);
	yaml_parser_t parser;
	bool good;

	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)source->text + mark,
				     source->size - mark);
	good = read_events(&parser, builder, sources, index, diags);
	yaml_parser_delete(&parser);
	return good ? yaml_builder_root(builder) : NULL;
}

const struct yaml_node *yaml_read(const struct source *sources, uint32_t index, struct arena *arena,
				  struct diag_list *diags)
{
	const struct span nowhere = {.source = index};
	const size_t errors = diags->errors;
	struct yaml_builder *builder;
	const struct yaml_node *root;

	if (!check_text(sources, index, diags))
		return NULL;
	builder = yaml_builder_create(index, arena, diags);
	root = read_tree(sources, index, builder, diags);
	yaml_builder_destroy(builder);
	if (root && !yaml_is_null(root))
		return root;
	if (diags->errors == errors)
		diag_error(diags, CODE_EMPTY, nowhere, "there is nothing in this file")->help =
			"begin with 'tunplan: 1', then 'hosts:' and 'tunnels:'";
	return NULL;
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
