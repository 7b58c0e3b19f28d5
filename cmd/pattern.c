#include "cmd/pattern.h"

#include <fnmatch.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

/* What a search may need, generously. */
#define SEARCH_SIZE ((size_t)64 * 1024)

bool pattern_is(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

bool pattern_matches(const char *pattern, const char *name)
{
	const int result = fnmatch(pattern, name, 0);

	/* POSIX lets it fail, too, and memory is all that it may need. */
	if (result && result != FNM_NOMATCH)
		memory_exhausted();
	return !result;
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

bool pattern_files(const char *base, const char *pattern, struct arena *arena, char ***ret_paths,
		   size_t *ret_count)
{
	struct strbuf whole = {0};
	glob_t found;
	int error;

	for (; *base; base++)
		strbuf_printf(&whole, strchr("*?[\\", *base) ? "\\%c" : "%c", *base);
	strbuf_puts(&whole, pattern);
	/* glibc 2.36 frees its result twice where it cannot have memory. */
	memory_spare(SEARCH_SIZE);
	error = glob(strbuf_text(&whole), GLOB_ERR | GLOB_NOSORT, NULL, &found);
	strbuf_finish(&whole);
	if (error == GLOB_NOSPACE)
		memory_exhausted();
	if (error == GLOB_ABORTED)
		return false;
	*ret_count = error ? 0 : found.gl_pathc;
	*ret_paths = arena_array(arena, *ret_count, sizeof(**ret_paths));
	for (size_t i = 0; i < *ret_count; i++)
		(*ret_paths)[i] = arena_string(arena, found.gl_pathv[i]);
	qsort(*ret_paths, *ret_count, sizeof(**ret_paths), compare_paths);
	if (!error)
		globfree(&found);
	return true;
}
