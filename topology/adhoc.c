#include "topology/adhoc.h"

#include <string.h>

#include "topology/language/parse.h"
#include "topology/validate/validate_parts.h"

/* What a text of the command line is read with: the parts of a file's parser that it needs. */
struct reading {
	struct arena scratch;
	struct yaml_tree tree; /* the text as the only scalar of a file */
	struct yaml_node scalar;
	struct parser parser;
	struct document document; /* of which nothing is there but the tunnel */
	struct doc_tunnel tunnel;
};

/* A text is what a quoted scalar would be; where it stands in its source it is byte by byte. */
static void begin(struct reading *reading, const struct source *source, struct arena *arena,
		  struct diag_list *diags)
{
	*reading = (struct reading){0};
	yaml_set_text(&reading->tree, &reading->scalar, source->text, source->size);
	reading->scalar.at = (struct span){source->base, (uint32_t)source->size};
	reading->scalar.kind = YAML_SCALAR;
	reading->scalar.exact = true;
	reading->parser = (struct parser){
		.arena = arena,
		.scratch = &reading->scratch,
		.diags = diags,
		.document = &reading->document,
		.tree = &reading->tree,
	};
	/* What is read may point into the text. */
	yaml_tree_give(&reading->tree, arena);
	reading->tunnel.name = (struct word){source->text, reading->scalar.at};
}

/* The reader's, with what the topology has: its hosts are all good. */
static struct validator validator_for(struct reading *reading, struct topology *topology)
{
	return (struct validator){
		.document = &reading->document,
		.topology = topology,
		.arena = reading->parser.arena,
		.scratch = &reading->scratch,
		.diags = reading->parser.diags,
	};
}

bool adhoc_tunnel(const char *text, const struct topology *topology, struct sources *sources,
		  struct arena *arena, struct diag_list *diags, const struct tunnel **ret_tunnel)
{
	const struct source *source =
		sources_add(sources, arena, "argument", arena_string(arena, text), strlen(text));
	const size_t errors = diags->errors;
	struct tunnel *tunnel = arena_alloc(arena, sizeof(*tunnel));
	struct topology names = *topology;
	struct validator validator;
	struct reading reading;

	begin(&reading, source, arena, diags);
	if (topology_host(topology, text) != TOPOLOGY_NONE)
		reading.tunnel.exit = (struct word){source->text, reading.scalar.at};
	else
		parse_tunnel_text(&reading.parser, &reading.scalar, &reading.tunnel);
	tunnel->name = source->text;
	tunnel->at = reading.scalar.at;
	validator = validator_for(&reading, &names);
	if (diags->errors == errors)
		validate_tunnel(&validator, &reading.tunnel, tunnel);
	arena_finish(&reading.scratch);
	*ret_tunnel = tunnel;
	return diags->errors == errors;
}
