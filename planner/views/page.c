#include "planner/views/page.h"

#include <string.h>

#define COLUMNS 100

/* Blanks between two columns of a table. */
#define GAP 2

/* Most rejected hosts that are shown; --json has them all. */
#define REJECTED_SHOWN 12

void page_heading(const struct page *page, const char *title)
{
	strbuf_printf(page->text, "\n%s\n", title);
}

void page_line(const struct page *page, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	strbuf_printf(page->text, "%*s%s\n", (int)page->indent, "",
		      arena_vformat(page->arena, format, arguments));
	va_end(arguments);
}

void page_item(const struct page *page, const char *format, ...)
{
	struct strbuf *text = page->text;
	size_t column = page->indent + 1;
	const char *sentence;
	va_list arguments;

	va_start(arguments, format);
	sentence = arena_vformat(page->arena, format, arguments);
	va_end(arguments);
	strbuf_fill(text, ' ', page->indent);
	strbuf_puts(text, "-");
	while (*sentence) {
		const size_t length = strcspn(sentence, " ");

		if (column + 1 + length > COLUMNS && column > page->indent + 2) {
			strbuf_puts(text, "\n");
			strbuf_fill(text, ' ', page->indent + 1);
			column = page->indent + 1;
		}
		strbuf_puts(text, " ");
		strbuf_add(text, sentence, length);
		column += 1 + length;
		sentence += length + (sentence[length] == ' ');
	}
	strbuf_puts(text, "\n");
}

void page_row(const struct page *page, struct table *table, struct table_row row)
{
	*(struct table_row *)arena_push(page->arena, &table->rows, &table->count, sizeof(row)) =
		row;
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

void page_table(const struct page *page, const char *title, const struct table *table)
{
	size_t starts[TABLE_COLUMNS] = {page->indent};

	page_heading(page, title);
	for (size_t c = 1; c < TABLE_COLUMNS; c++)
		starts[c] = starts[c - 1] + column_width(table, c - 1) + GAP;
	for (size_t r = 0; r < table->count; r++) {
		size_t at = 0;

		for (size_t c = 0; c < TABLE_COLUMNS; c++) {
			if (cell_width(&table->rows[r], c) == 0)
				continue;
			strbuf_fill(page->text, ' ', starts[c] - at);
			strbuf_puts(page->text, table->rows[r].cells[c]);
			at = starts[c] + cell_width(&table->rows[r], c);
		}
		strbuf_puts(page->text, "\n");
	}
}

void page_where(const struct page *page, size_t me, const struct whereabouts *where)
{
	static const char *const how[] = {
		[WHEREABOUTS_SAID] = "as you say",
		[WHEREABOUTS_RECOGNISED] = "recognised",
		[WHEREABOUTS_FALLBACK] = "no other place is recognised",
	};
	const char *reason = how[where->how];

	if (!reason)
		return;
	if (where->count == 0 && where->how == WHEREABOUTS_FALLBACK)
		reason = "none is recognised";
	page_line(page, "%s is at %s (%s)", page->hosts[me].name,
		  where->count ? whereabouts_names(page->topology, where, ", ", page->arena)
			       : "no place of the file",
		  reason);
}

void page_rejected(const struct page *page, const struct plan_rejection *rejected, size_t count)
{
	for (size_t i = 0; i < count && i < REJECTED_SHOWN; i++) {
		const struct plan_rejection *rejection = &rejected[i];
		const char *place =
			sources_text(page->topology->sources, rejection->at, page->arena);

		page_item(page, "%s: %s [%s]%s%s%s", page->hosts[rejection->host].name,
			  rejection->text, plan_reason_code(rejection->reason), place ? " (" : "",
			  place ? place : "", place ? ")" : "");
	}
	if (count > REJECTED_SHOWN)
		page_item(page, "and %zu more, which --json lists", count - REJECTED_SHOWN);
}
