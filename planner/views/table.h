/*
 * Table: rows of words in columns that are as wide as their longest cell.
 *
 * For the text views. The cells belong to whoever fills them in; the rows are in an arena.
 */
#ifndef TUNPLAN_PLANNER_VIEWS_TABLE_H
#define TUNPLAN_PLANNER_VIEWS_TABLE_H

#include "topology/base/arena.h"
#include "topology/base/strbuf.h"

#define TABLE_COLUMNS 5

struct table_row {
	const char *cells[TABLE_COLUMNS]; /* NULL: empty */
};

struct table {
	struct arena *arena;
	struct table_row *rows;
	size_t count;
};

/* Adds a row, which is copied. */
void table_add(struct table *table, const struct table_row *row);

/* Appends all rows, each after the given number of blanks, without blanks at the ends of lines. */
void table_render(const struct table *table, size_t indent, struct strbuf *text);

#endif
