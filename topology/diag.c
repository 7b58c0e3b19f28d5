#include "topology/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/caret.h"

/* Diagnostics that are kept; a hostile file could have millions, and nobody reads them. */
#define KEPT_MAX 1000

void diag_list_init(struct diag_list *list, struct arena *arena)
{
	*list = (struct diag_list){.arena = arena};
}

static char *format_text(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static char *format_text(struct arena *arena, const char *format, va_list arguments)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		abort();
	text = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

struct diag *diag_error(struct diag_list *list, const char *code, struct span at,
			const char *format, ...)
{
	struct diag *diag = &list->spare;
	va_list arguments;

	list->errors++;
	if (list->count == KEPT_MAX) {
		*diag = (struct diag){.level = DIAG_ERROR, .code = code, .at = at, .message = ""};
		return diag;
	}
	diag = arena_push(list->arena, &list->items, &list->count, sizeof(*diag));
	diag->level = DIAG_ERROR;
	diag->code = code;
	diag->at = at;
	va_start(arguments, format);
	diag->message = format_text(list->arena, format, arguments);
	va_end(arguments);
	return diag;
}

struct diag *diag_help(struct diag_list *list, struct diag *diag, const char *format, ...)
{
	va_list arguments;

	if (diag == &list->spare)
		return diag;
	va_start(arguments, format);
	diag->help = format_text(list->arena, format, arguments);
	va_end(arguments);
	return diag;
}

/* A diagnostic and when it was found: qsort() is not stable by itself. */
struct ordered {
	struct diag diag;
	size_t order;
};

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_places(struct span a, struct span b)
{
	if (a.source != b.source)
		return compare_numbers(a.source, b.source);
	if (a.line != b.line)
		return compare_numbers(a.line, b.line);
	return compare_numbers(a.column, b.column);
}

static int compare_ordered(const void *left, const void *right)
{
	const struct ordered *a = left, *b = right;
	const int places = compare_places(a->diag.at, b->diag.at);

	return places ? places : compare_numbers(a->order, b->order);
}

/* Whether the same was said before at the same place; items are sorted up to index. */
static bool is_repeat(const struct diag_list *list, size_t index)
{
	const struct diag *diag = &list->items[index];

	for (size_t i = index; i-- > 0;) {
		const struct diag *before = &list->items[i];

		if (compare_places(before->at, diag->at) != 0)
			return false;
		if (strcmp(before->code, diag->code) == 0 &&
		    strcmp(before->message, diag->message) == 0)
			return true;
	}
	return false;
}

static void drop_repeats(struct diag_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		list->items[kept] = list->items[i];
		if (!is_repeat(list, kept))
			kept++;
		else if (list->items[kept].level == DIAG_ERROR)
			list->errors--;
	}
	list->count = kept;
}

void diag_sort(struct diag_list *list)
{
	struct ordered *ordered = arena_array(list->arena, list->count, sizeof(*ordered));

	for (size_t i = 0; i < list->count; i++)
		ordered[i] = (struct ordered){list->items[i], i};
	qsort(ordered, list->count, sizeof(*ordered), compare_ordered);
	for (size_t i = 0; i < list->count; i++)
		list->items[i] = ordered[i].diag;
	drop_repeats(list);
}

/* What diag_render() needs at every turn. */
struct renderer {
	const struct source *sources;
	size_t source_count;
	bool color;
	struct strbuf *text;
};

static const char *paint(const struct renderer *renderer, const char *sequence)
{
	return renderer->color ? sequence : "";
}

static const struct source *source_of(const struct renderer *renderer, struct span at)
{
	return at.source < renderer->source_count ? &renderer->sources[at.source] : NULL;
}

static void render_place(const struct renderer *renderer, struct span at)
{
	const struct source *source = source_of(renderer, at);

	if (source)
		caret_safe_text(source->name, renderer->text);
	if (at.line)
		strbuf_printf(renderer->text, ":%u:%u", at.line, at.column);
}

/* A line behind the carets: "   = help: …   (lab.yaml:3:5)". */
static void render_note(const struct renderer *renderer, const char *word, const char *note,
			struct span place)
{
	strbuf_printf(renderer->text, "%s   =%s %s: ", paint(renderer, "\033[1;34m"),
		      paint(renderer, "\033[0m"), word);
	caret_safe_text(note, renderer->text);
	if (place.line) {
		strbuf_puts(renderer->text, "   (");
		render_place(renderer, place);
		strbuf_puts(renderer->text, ")");
	}
	strbuf_puts(renderer->text, "\n");
}

static void render_one(const struct renderer *renderer, const struct diag *diag)
{
	const struct span nowhere = {0};
	const bool error = diag->level == DIAG_ERROR;

	strbuf_puts(renderer->text, paint(renderer, "\033[1m"));
	render_place(renderer, diag->at);
	strbuf_printf(renderer->text,
		      ": %s%s[%s]%s: ", paint(renderer, error ? "\033[1;31m" : "\033[1;33m"),
		      error ? "error" : "warning", diag->code, paint(renderer, "\033[0m"));
	caret_safe_text(diag->message, renderer->text);
	strbuf_puts(renderer->text, "\n");
	if (diag->at.line && source_of(renderer, diag->at))
		caret_render(source_of(renderer, diag->at), diag->at, renderer->color,
			     renderer->text);
	if (diag->related_text)
		render_note(renderer, "note", diag->related_text, diag->related);
	if (diag->help)
		render_note(renderer, "help", diag->help,
			    diag->related_text ? nowhere : diag->related);
}

void diag_render(const struct diag_list *list, const struct source *sources, size_t source_count,
		 bool color, struct strbuf *ret_text)
{
	const struct renderer renderer = {sources, source_count, color, ret_text};
	const size_t lints = list->count < KEPT_MAX ? list->count - list->errors : 0;
	const size_t found = list->errors + lints;
	const size_t shown = list->count < DIAG_SHOWN_MAX ? list->count : DIAG_SHOWN_MAX;

	for (size_t i = 0; i < shown; i++)
		render_one(&renderer, &list->items[i]);
	if (found > shown)
		strbuf_printf(ret_text, "… and %zu more error%s\n", found - shown,
			      found - shown == 1 ? "" : "s");
}
