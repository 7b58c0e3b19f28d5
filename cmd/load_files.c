#include "cmd/load_files.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/pattern.h"
#include "cmd/read_file.h"
#include "topology/base/memory.h"

/* The context of a load_input is one of these. */
static bool trust_all = true, trust_some = false;

/* Reads a file; on failure refused says why, in one line that goes behind "PATH: ". */
static void read_one(const char *path, bool trusted, struct arena *arena, struct load_file *file)
{
	bool (*const reader)(const char *, struct arena *, const char **, size_t *, const char **) =
		trusted ? read_file : read_trusted_file;

	if (!reader(path, arena, &file->text, &file->size, &file->refused))
		return;
	file->refused = NULL;
}

/* Returns the real path of a file, or the path as it is. */
static const char *identity_of(const char *path, struct arena *arena)
{
	char *real = memory_found(realpath(path, NULL));
	const char *identity = arena_string(arena, real ? real : path);

	free(real);
	return identity;
}

void load_files_first(const char *path, bool trusted, struct arena *arena,
		      struct load_file *ret_file)
{
	const bool input = strcmp(path, "-") == 0;

	*ret_file = (struct load_file){
		.name = input ? "<stdin>" : arena_string(arena, path),
		.identity = input ? "<stdin>" : identity_of(path, arena),
	};
	read_one(path, trusted, arena, ret_file);
}

static const char *environment(void *context, const char *name)
{
	(void)context;
	return getenv(name);
}

/* Returns what to put before the path of what a file includes: it is relative to it, or absolute. */
static const char *base_of(const struct load_file *from, const char *path, struct arena *arena)
{
	const char *slash = strrchr(from->name, '/');

	if (*path == '/' || !slash)
		return "";
	return arena_copy(arena, from->name, (size_t)(slash + 1 - from->name));
}

/* Reads all of the paths, as long as there is not too much text. */
static void read_all(char **paths, size_t count, bool trusted, size_t size_max, struct arena *arena,
		     struct load_file **ret_files)
{
	struct load_file *files = arena_array(arena, count, sizeof(*files));
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		files[i].name = arena_string(arena, paths[i]);
		files[i].identity = identity_of(paths[i], arena);
		files[i].too_large = size > size_max;
		if (!files[i].too_large)
			read_one(paths[i], trusted, arena, &files[i]);
		size += files[i].size;
	}
	*ret_files = files;
}

static const char *include(void *context, const struct load_file *from, const char *pattern,
			   size_t size_max, struct arena *arena, struct load_file **ret_files,
			   size_t *ret_count)
{
	const char *base = base_of(from, pattern, arena);
	const bool trusted = *(const bool *)context;
	char *single = arena_format(arena, "%s%s", base, pattern), **paths = &single;
	size_t count = 1;

	if (pattern_is(pattern) && !pattern_files(base, pattern, arena, &paths, &count))
		return "a folder of it cannot be read";
	read_all(paths, count, trusted, size_max, arena, ret_files);
	*ret_count = count;
	return NULL;
}

void load_files_input(bool trusted, struct load_input *ret_input)
{
	*ret_input = (struct load_input){
		.context = trusted ? &trust_all : &trust_some,
		.environment = environment,
		.include = include,
	};
}
