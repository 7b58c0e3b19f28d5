/*
 * Pattern: matches names and finds files by `*`, `?` and `[…]`, by the rules of glob(7).
 */
#ifndef TUNPLAN_CMD_PATTERN_H
#define TUNPLAN_CMD_PATTERN_H

#include <stdbool.h>

#include "topology/base/arena.h"

/* Whether a text is a pattern at all. */
bool pattern_is(const char *text);

/* Whether a name is one of those that the pattern stands for. */
bool pattern_matches(const char *pattern, const char *name);

/*
 * Finds the files that base and a pattern of paths stand for together, which may be none, in the
 * order of their bytes; the array and the paths are in arena. base is no pattern: "", or a directory
 * and a slash. As in the shell, a dot at the start of a name is matched by a dot alone. Returns false
 * and leaves the outputs alone when a directory that the pattern names, or matches, cannot be read.
 */
bool pattern_files(const char *base, const char *pattern, struct arena *arena, char ***ret_paths,
		   size_t *ret_count);

#endif
