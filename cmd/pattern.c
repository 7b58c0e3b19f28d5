#include "cmd/pattern.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "topology/base/memory.h"

bool pattern_is(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

static bool matches(const char *pattern, const char *name, int flags)
{
	int result = fnmatch(pattern, name, flags);

	/* POSIX lets it fail, too, and memory is all that it may need. */
	if (result && result != FNM_NOMATCH)
		memory_exhausted();
	return !result;
}

bool pattern_matches(const char *pattern, const char *name)
{
	return matches(pattern, name, 0);
}

/* --- files */

struct search {
	struct arena *arena;
	char **paths;
	size_t count;
};

/* A directory that was reached, and what is still to be found in it. */
struct place {
	const char *path; /* "" or ends in a slash */
	const char *rest; /* of the pattern */
	bool guessed;     /* a pattern matched a part of the path: what is behind may be missing */
};

static bool search_place(struct search *search, const struct place *place);

static void add_file(struct search *search, const char *path)
{
	struct stat info;

	/* A link that leads nowhere is there, too, and reading it says what is wrong. */
	if (lstat(path, &info) == 0)
		*(char **)arena_push(search->arena, &search->paths, &search->count,
				     sizeof(*search->paths)) = arena_string(search->arena, path);
}

/* Takes a name in the place: it is the file, or the way to it goes on there. */
static bool take(struct search *search, const struct place *place, const char *name, size_t length,
		 bool guessed)
{
	const char *behind = place->rest + strcspn(place->rest, "/");
	const char *path = arena_format(search->arena, "%s%.*s", place->path, (int)length, name);
	struct place next = {.guessed = guessed};

	if (!*behind) {
		add_file(search, path);
		return true;
	}
	next.rest = behind + strspn(behind, "/");
	next.path = arena_format(search->arena, "%s%.*s", path, (int)(next.rest - behind), behind);
	return search_place(search, &next);
}

static bool is_here_or_above(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Takes all names in the directory that match. */
static bool take_matches(struct search *search, const struct place *place, DIR *directory,
			 const char *pattern)
{
	const struct dirent *entry;
	bool good = true;

	errno = 0;
	while (good && (entry = readdir(directory))) {
		const char *name = entry->d_name;

		if (!is_here_or_above(name) && matches(pattern, name, FNM_PERIOD))
			good = take(search, place, name, strlen(name), true);
		errno = 0;
	}
	return good && !errno;
}

/* Looks for the first part of the rest in the place; false when it cannot be read. */
static bool search_place(struct search *search, const struct place *place)
{
	const size_t length = strcspn(place->rest, "/");
	const char *part = arena_copy(search->arena, place->rest, length);
	DIR *directory;
	bool good;

	if (!pattern_is(part))
		return take(search, place, part, length, place->guessed);
	directory = memory_found(opendir(*place->path ? place->path : "."));
	if (!directory)
		return errno == ENOTDIR || (errno == ENOENT && place->guessed);
	good = take_matches(search, place, directory, part);
	closedir(directory);
	return good;
}

static int compare_paths(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

bool pattern_files(const char *base, const char *pattern, struct arena *arena, char ***ret_paths,
		   size_t *ret_count)
{
	struct search search = {.arena = arena};
	const int slashes = (int)strspn(pattern, "/");
	const struct place start = {
		.path = arena_format(arena, "%s%.*s", base, slashes, pattern),
		.rest = pattern + slashes,
	};

	if (!search_place(&search, &start))
		return false;
	if (search.count)
		qsort(search.paths, search.count, sizeof(*search.paths), compare_paths);
	*ret_paths = search.paths;
	*ret_count = search.count;
	return true;
}
