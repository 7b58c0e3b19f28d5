#include "planner/views/table.h"

#include <string.h>

/* Blanks between two columns. */
#define GAP 2

void table_add(struct table *table, const struct table_row *row)
{
	struct table_row *added =
		arena_push(table->arena, &table->rows, &table->count, sizeof(*added));

	*added = *row;
}

static size_t cell_width(const struct table_row *row, size_t column)
{
	return row->cells[column] ? strlen(row->cells[column]) : 0;
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t width = 0;

	for (size_t r = 0; r < table->count; r++)
		if (cell_width(&table->rows[r], column) > width)
			width = cell_width(&table->rows[r], column);
	return width;
}

void table_render(const struct table *table, size_t indent, struct strbuf *text)
{
	size_t starts[TABLE_COLUMNS] = {indent};

	for (size_t c = 1; c < TABLE_COLUMNS; c++)
		starts[c] = starts[c - 1] + column_width(table, c - 1) + GAP;
	for (size_t r = 0; r < table->count; r++) {
		size_t at = 0;

		for (size_t c = 0; c < TABLE_COLUMNS; c++) {
			if (cell_width(&table->rows[r], c) == 0)
				continue;
			strbuf_fill(text, ' ', starts[c] - at);
			strbuf_puts(text, table->rows[r].cells[c]);
			at = starts[c] + cell_width(&table->rows[r], c);
		}
		strbuf_puts(text, "\n");
	}
}
