/*
 * Result: writes a command's result to standard output.
 *
 * A result is written as a whole or not at all: a command builds all of its text first, so that
 * every error occurs before the first byte is written.
 */
#ifndef TUNPLAN_CMD_RESULT_H
#define TUNPLAN_CMD_RESULT_H

#include <jansson.h>
#include <stdbool.h>

#include "topology/base/strbuf.h"

/*
 * Appends a JSON value on one line, and drops the reference. NULL is a value that could not be made,
 * because some name in it is not UTF-8: then nothing is appended, and result_arrived() says so.
 */
void result_add_json(json_t *value, struct strbuf *text);

/* Writes the text to standard output at once, and frees it. */
void result_print(struct strbuf *text);

/* Both, for a command whose result is one value. */
void result_print_json(json_t *value);

/* Returns whether nothing of a result was written so far. */
bool result_is_empty(void);

/*
 * Called at the end of a command. Returns whether all that was to be written has arrived, or prints
 * why it has not: a result that did not arrive is no result.
 */
bool result_arrived(void);

#endif
