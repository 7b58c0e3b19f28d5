/* Read file: the one place that turns a path into bytes. Everything else works on buffers. */
#ifndef TUNPLAN_CMD_READ_FILE_H
#define TUNPLAN_CMD_READ_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "topology/base/arena.h"

/* The largest topology, in bytes. A bigger one is a mistake, not a network. */
#define READ_FILE_MAX ((size_t)16 << 20)

/*
 * Reads a regular file, or standard input for "-", whole into arena. Returns true and the bytes (a
 * NUL stands behind them), or false and why not, in one line that goes behind "PATH: ".
 */
bool read_file(const char *path, struct arena *arena, const char **ret_text, size_t *ret_size,
	       const char **ret_reason);

/*
 * The same, but a file that another user could write is refused (trust.h), by what was opened and
 * is then read. Standard input is the caller's own choice.
 */
bool read_trusted_file(const char *path, struct arena *arena, const char **ret_text,
		       size_t *ret_size, const char **ret_reason);

#endif
