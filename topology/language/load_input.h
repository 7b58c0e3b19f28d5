/*
 * Load input: how a topology gets at its files and at environment variables.
 *
 * topology/ opens nothing itself: cmd/ passes in the bytes of the first file, and answers for its
 * includes and for the environment through struct load_input.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_LOAD_INPUT_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_LOAD_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "topology/base/arena.h"

/* A file that an `include` names, or the first one. */
struct load_file {
	const char *name;     /* as messages show it */
	const char *identity; /* tells whether two files are the same: a real path */
	const char *text;     /* not NUL-terminated; must outlive the topology's sources */
	size_t size;
	const char *refused; /* why it cannot be read (then there is no text), or NULL */
	bool too_large;      /* it was not read, because there would be too much text */
};

struct load_input {
	void *context;

	/* Returns the value of a variable of the environment, or NULL. */
	const char *(*environment)(void *context, const char *name);

	/*
	 * Finds the files that a path or pattern stands for, relative to the file `from`, in byte order
	 * of their names, and reads them; together they may have size_max bytes. What it makes is in
	 * arena. Returns why the path leads nowhere, or NULL; a pattern may match nothing.
	 */
	const char *(*include)(void *context, const struct load_file *from, const char *pattern,
			       size_t size_max, struct arena *arena, struct load_file **ret_files,
			       size_t *ret_count);
};

#endif
