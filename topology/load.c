#include "topology/load.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"
#include "topology/diag/codes.h"
#include "topology/language/variables.h"
#include "topology/validate/validate.h"

/* A file of the topology. */
struct loaded_file {
	struct parse_file parse;
	struct load_file file;
	size_t parent; /* the file that includes it; NO_PARENT: the first */
};

#define NO_PARENT SIZE_MAX

struct loader {
	const struct load_input *input;
	struct sources *sources;
	struct arena *arena;
	struct arena scratch;
	struct diag_list *diags;
	struct loaded_file *files; /* each before those that it includes; from malloc() */
	size_t count;
	size_t room;
	size_t size; /* bytes of all texts */
	struct variables variables;
	bool incomplete; /* some file could not be read */
	bool too_large;  /* there is too much text; that is reported */
};

static void read_file(struct loader *loader, const struct load_file *file, size_t parent);

/* --- what a file includes */

static struct diag *report_include(struct loader *loader, struct span at, const char *file,
				   const char *why)
{
	loader->incomplete = true;
	return diag_error(loader->diags, CODE_INCLUDE, at, "'%s' cannot be included: %s", file,
			  why);
}

/* Returns the file of that identity, or the count. */
static size_t find_file(const struct loader *loader, const char *identity)
{
	size_t index = 0;

	while (index < loader->count && strcmp(loader->files[index].file.identity, identity) != 0)
		index++;
	return index;
}

/* Whether one file includes another, directly or not; a file includes itself. */
static bool includes(const struct loader *loader, size_t file, size_t other)
{
	while (other != file && other != NO_PARENT)
		other = loader->files[other].parent;
	return other == file;
}

static void report_cycle(struct loader *loader, struct span at, const char *name, bool pattern)
{
	struct diag *diag = diag_error(loader->diags, CODE_INCLUDE_CYCLE, at,
				       "'%s' is included by itself here", name);

	diag->help = pattern ? "keep what is included in a folder of its own: shared/*.yaml"
			     : "drop it: a file is read once";
}

static void report_size(struct loader *loader, struct span at)
{
	loader->incomplete = true;
	if (!loader->too_large)
		diag_error(loader->diags, CODE_LIMIT_SIZE, at, "the topology has more than 16 MiB")
			->help = "is it the right file?";
	loader->too_large = true;
}

/* Reads one of the files that an entry of `include` stands for. */
static void include_file(struct loader *loader, const struct load_file *file, size_t parent,
			 struct span at, const char *pattern)
{
	const size_t known = file->identity ? find_file(loader, file->identity) : loader->count;

	if (file->too_large)
		report_size(loader, at);
	else if (file->refused)
		report_include(loader, at, file->name, file->refused);
	else if (known < loader->count && includes(loader, known, parent))
		report_cycle(loader, at, file->name, strpbrk(pattern, "*?[") != NULL);
	else if (known < loader->count)
		return; /* two ways lead to it; it is read once */
	else
		read_file(loader, file, parent);
}

/* Says so and returns false when no more files may be read. */
static bool has_room(struct loader *loader, struct span at)
{
	if (loader->too_large)
		return false;
	if (loader->count < LOAD_FILES_MAX)
		return true;
	diag_error(loader->diags, CODE_LIMIT_FILES, at, "this topology has more than %d files",
		   LOAD_FILES_MAX)
		->help = "no topology should need that: look for a mistake";
	loader->incomplete = true;
	return false;
}

/* An entry of `include`: a path, or a pattern of paths. */
static void include_entry(struct loader *loader, const struct yaml_node *scalar,
			  const char *pattern, size_t parent)
{
	const struct load_file from = loader->files[parent].file;
	struct load_file *files = NULL;
	const char *why = "nothing can be included here";
	size_t count = 0;

	if (loader->input)
		why = loader->input->include(loader->input->context, &from, pattern,
					     SOURCES_SIZE_MAX - loader->size, loader->arena, &files,
					     &count);
	if (why) {
		report_include(loader, scalar->at, pattern, why)->help =
			"a path is relative to the file that includes it";
		return;
	}
	for (size_t i = 0; i < count && has_room(loader, scalar->at); i++)
		include_file(loader, &files[i], parent, scalar->at, pattern);
}

static void include_all(struct loader *loader, size_t parent)
{
	const struct yaml_tree *tree = &loader->files[parent].parse.tree;
	struct parser parser = {.arena = loader->arena,
				.scratch = &loader->scratch,
				.diags = loader->diags,
				.tree = tree};
	const struct yaml_node *value = parse_top(tree, "include", NULL), *item;
	struct parse_items items;

	/* Another kind of value is reported when the keys are read. */
	if (!value || value->kind == YAML_MAPPING)
		return;
	items = parse_items(&parser, value, NULL);
	while ((item = parse_next(&items)) && has_room(loader, item->at)) {
		const char *pattern;

		/* The array of files, and the tree in it, may move while files are read. */
		parser.tree = &loader->files[parent].parse.tree;
		if (!parse_scalar(&parser, item, "the path of a file"))
			continue;
		pattern = variables_text(&loader->variables, item, parse_text(&parser, item));
		if (pattern)
			include_entry(loader, item, pattern, parent);
		else
			loader->incomplete = true;
	}
}

/* --- reading */

static void add_file(struct loader *loader, const struct load_file *file, size_t parent)
{
	loader->files = memory_reserve(loader->files, &loader->room, loader->count + 1,
				       sizeof(*loader->files));
	loader->files[loader->count++] = (struct loaded_file){.file = *file, .parent = parent};
	loader->size += file->size;
}

/* Reads a file, and then what it includes. */
static void read_file(struct loader *loader, const struct load_file *file, size_t parent)
{
	const size_t index = loader->count;
	struct parse_file *parse;
	const struct source *source;
	bool fits;

	add_file(loader, file, parent);
	fits = loader->size <= SOURCES_SIZE_MAX;
	source = sources_add(loader->sources, loader->arena, file->name, file->text,
			     fits ? file->size : 0);
	if (!fits) {
		report_size(loader, source_span(source));
		return;
	}
	parse = &loader->files[index].parse;
	parse->good = yaml_read(source, loader->diags, &parse->tree) &&
		      parse_head(&parse->tree, source, parent == NO_PARENT, loader->diags);
	if (!parse->good) {
		loader->incomplete = true;
		return;
	}
	variables_collect(&loader->variables, &parse->tree);
	include_all(loader, index);
}

/* --- all of it */

static struct topology *make_topology(struct loader *loader)
{
	struct parse_file *files = arena_array(&loader->scratch, loader->count, sizeof(*files));
	struct document document;

	loader->variables.complete = !loader->incomplete;
	for (size_t i = 0; i < loader->count; i++) {
		if (loader->files[i].parse.good)
			variables_expand(&loader->variables, &loader->files[i].parse.tree);
		files[i] = loader->files[i].parse;
		if (files[i].good)
			loader->files[i].parse.tree = (struct yaml_tree){0};
	}
	parse_document(files, loader->count, loader->incomplete, loader->arena, &loader->scratch,
		       loader->diags, &document);
	return validate_document(&document, loader->arena, &loader->scratch, loader->diags);
}

bool topology_load(const struct load_file *first, const struct load_input *input,
		   struct sources *sources, struct arena *arena, struct diag_list *diags,
		   const struct topology **ret_topology)
{
	const size_t errors = diags->errors - diags->spoiling;
	struct loader loader = {.input = input, .sources = sources, .arena = arena, .diags = diags};
	struct topology *topology = NULL;

	loader.variables = (struct variables){
		.input = input, .arena = &loader.scratch, .diags = diags, .complete = true};
	read_file(&loader, first, NO_PARENT);
	if (loader.files[0].parse.good)
		topology = make_topology(&loader);
	for (size_t i = 0; i < loader.count; i++)
		yaml_tree_finish(&loader.files[i].parse.tree);
	free(loader.files);
	arena_finish(&loader.scratch);
	diag_sort(diags);
	if (!topology || diags->errors - diags->spoiling > errors)
		return false;
	topology->sources = sources;
	*ret_topology = topology;
	return true;
}
