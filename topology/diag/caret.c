#include "topology/diag/caret.h"

#include <string.h>

#include "topology/base/utf8.h"

/* Code points of a line that are shown, and how many of them may stand before the carets. */
#define SHOWN_MAX  96
#define SHOWN_LEAD 32

#define TAB_WIDTH 8

/* The part of a line that is shown. Columns are code points from 1, as in a span. */
struct window {
	const char *line;
	size_t size;  /* bytes of the whole line, without its break */
	size_t first; /* first column shown */
	size_t last;  /* last column shown */
	bool more;    /* the line goes on behind it */
};

static size_t put_point(const char *text, size_t size, struct strbuf *out)
{
	uint32_t point;
	const size_t used = utf8_decode(text, size, &point);

	if (utf8_printable(point))
		strbuf_add(out, text, used);
	else
		strbuf_puts(out, "?");
	return used;
}

void caret_safe_text(const char *text, struct strbuf *ret_text)
{
	const size_t size = strlen(text);

	for (size_t i = 0; i < size;)
		i += put_point(text + i, size - i, ret_text);
}

/* Clips so that the carets are in sight with something before them. */
static void clip(const struct position *position, struct window *window)
{
	const size_t length = utf8_length(window->line, window->size);

	window->first = 1;
	if (length > SHOWN_MAX && (size_t)position->column + position->length > SHOWN_MAX)
		window->first = position->column > SHOWN_LEAD ? position->column - SHOWN_LEAD : 1;
	window->last = window->first + SHOWN_MAX - 1;
	window->more = length > window->last;
}

/*
 * Draws the window's line into text and the carets into marks, column by column, so that both
 * take the same room whatever the characters' widths are.
 */
static void draw(const struct window *window, const struct position *position, struct strbuf *text,
		 struct strbuf *marks)
{
	size_t column = 1, screen = 0;

	if (window->first > 1) {
		strbuf_puts(text, "…");
		strbuf_puts(marks, " ");
		screen = 1;
	}
	for (size_t i = 0; i < window->size && column <= window->last; column++) {
		const char *here = window->line + i;
		const bool marked =
			column >= position->column && column - position->column < position->length;
		const bool tab = *here == '\t';
		uint32_t point;
		size_t width;

		i += utf8_decode(here, window->size - i, &point);
		if (column < window->first)
			continue;
		width = utf8_printable(point) ? utf8_width(point) : 1;
		if (tab) {
			width = TAB_WIDTH - screen % TAB_WIDTH;
			strbuf_fill(text, ' ', width);
		} else {
			put_point(here, window->size - (size_t)(here - window->line), text);
		}
		strbuf_fill(marks, marked ? '^' : ' ', width);
		screen += width;
	}
	if (window->more)
		strbuf_puts(text, "…");
}

/* Keeps the carets and drops what stands behind them; a place behind the line gets one caret. */
static void trim_marks(struct strbuf *marks)
{
	const char *text = strbuf_text(marks);
	const char *last = strrchr(text, '^');

	if (last)
		strbuf_cut(marks, (size_t)(last - text) + 1);
	else
		strbuf_puts(marks, "^");
}

void caret_render(const struct position *position, bool color, struct strbuf *ret_text)
{
	const char *blue = color ? "\033[1;34m" : "";
	const char *red = color ? "\033[1;31m" : "";
	const char *off = color ? "\033[0m" : "";
	struct window window = {0};
	struct strbuf text = {0}, marks = {0}, number = {0};

	window.line = source_line(position->source, position->line, &window.size);
	clip(position, &window);
	draw(&window, position, &text, &marks);
	trim_marks(&marks);
	strbuf_printf(&number, "%u", position->line);
	strbuf_printf(ret_text, "%s   %s |%s%s%s\n", blue, strbuf_text(&number), off,
		      text.length ? " " : "", strbuf_text(&text));
	strbuf_printf(ret_text, "%s   %*s |%s %s%s%s\n", blue, (int)number.length, "", off, red,
		      strbuf_text(&marks), off);
	strbuf_finish(&text);
	strbuf_finish(&marks);
	strbuf_finish(&number);
}
