/*
 * Record rows: the entries of one list of the record (record.h), each a line of JSON, as they are read from the engine.
 *
 * All are read in each step in which something changes, and written down only if they are others than those on disk: so what is
 * kept of each is a checksum, 64 bits, and not its text. A row is made of values, added one after the other; what is NULL, empty
 * or 0 is left out, and one is there at least.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_RECORD_ROWS_H
#define TUNPLAN_EXEC_SUPERVISOR_RECORD_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/base/strbuf.h"

/* A zeroed one has none. */
struct record_rows {
	struct strbuf
		*text; /* where they are added, separated by commas; not owned; or NULL: nowhere */
	struct strbuf row; /* the one that is being made, for that */
	uint64_t sum;      /* of it */
	uint64_t *sums;    /* of those that are complete */
	size_t count;
	size_t room;
};

/* Adds a text, a number, names, or hashes: 16 hexadecimal digits each. */
void row_add(struct record_rows *rows, const char *key, const char *text);
void row_add_number(struct record_rows *rows, const char *key, uint64_t number);
void row_add_names(struct record_rows *rows, const char *key, const char *const *names,
		   size_t count);
void row_add_hashes(struct record_rows *rows, const char *key,
		    uint64_t (*hash)(const void *, size_t), const void *of, size_t count);

/* The row is complete. */
void row_end(struct record_rows *rows);

/* Whether two lists have the same rows; and whether all of one are among those of an older one, in their order. */
bool record_rows_are_same(const struct record_rows *a, const struct record_rows *b);
bool record_rows_are_among(const struct record_rows *rows, const struct record_rows *older);

/* Frees what it has, and zeroes it. */
void record_rows_finish(struct record_rows *rows);

#endif
