#include "topology/diag/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "topology/base/utf8.h"
#include "topology/diag/caret.h"

/* Diagnostics that are kept; a hostile file could have millions, and nobody reads them. */
#define KEPT_MAX 1000

/* Bytes of a text, such as a message, that is kept whole: several of the longest names have room in it. */
#define TEXT_MAX 1500
/* Bytes that are kept at both ends of a longer one, which names something huge. */
#define TEXT_END 300

/* Formats a text, without its middle if it is huge. */
static const char *format_text(struct arena *arena, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static const char *format_text(struct arena *arena, const char *format, va_list arguments)
{
	const char *text = arena_vformat(arena, format, arguments);
	const size_t length = strlen(text);
	size_t head = TEXT_END, tail = length - TEXT_END;

	if (length <= TEXT_MAX)
		return text;
	while (utf8_is_inside(text[head]))
		head--;
	while (utf8_is_inside(text[tail]))
		tail++;
	return arena_format(arena, "%.*s…%s", (int)head, text, text + tail);
}

void diag_list_init(struct diag_list *list, struct arena *arena)
{
	*list = (struct diag_list){.arena = arena};
}

/* Adds a diagnostic with its message; one that is not kept has none. */
static struct diag *add(struct diag_list *list, const struct diag *wanted, const char *format,
			va_list arguments) __attribute__((format(printf, 3, 0)));

static struct diag *add(struct diag_list *list, const struct diag *wanted, const char *format,
			va_list arguments)
{
	struct diag *diag = &list->spare;

	if (list->count < KEPT_MAX)
		diag = arena_push(list->arena, &list->items, &list->count, sizeof(*diag));
	*diag = *wanted;
	diag->order = list->found++;
	diag->message = "";
	if (diag != &list->spare)
		diag->message = format_text(list->arena, format, arguments);
	return diag;
}

struct diag *diag_error(struct diag_list *list, const char *code, struct span at,
			const char *format, ...)
{
	const struct diag wanted = {
		.level = DIAG_ERROR, .code = code, .at = at, .tunnel = list->tunnel};
	struct diag *diag;
	va_list arguments;

	list->errors++;
	list->spoiling += list->tunnel != NULL;
	va_start(arguments, format);
	diag = add(list, &wanted, format, arguments);
	va_end(arguments);
	return diag;
}

struct diag *diag_lint(struct diag_list *list, const char *code, struct span at, const char *format,
		       ...)
{
	const struct diag wanted = {.level = DIAG_LINT, .code = code, .at = at};
	struct diag *diag;
	va_list arguments;

	list->lints++;
	va_start(arguments, format);
	diag = add(list, &wanted, format, arguments);
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

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* A source as a whole comes before all places in it. */
static int compare_places(struct span a, struct span b)
{
	if (a.at != b.at)
		return compare_numbers(a.at, b.at);
	return (a.length > 0) - (b.length > 0);
}

/* qsort() is not stable by itself. */
static int compare_diags(const void *left, const void *right)
{
	const struct diag *a = left, *b = right;
	const int places = compare_places(a->at, b->at);

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
		if (!is_repeat(list, kept)) {
			kept++;
			continue;
		}
		list->spoiling -= list->items[kept].tunnel != NULL;
		if (list->items[kept].level == DIAG_ERROR)
			list->errors--;
		else
			list->lints--;
	}
	list->count = kept;
}

void diag_of_tunnel(const struct diag_list *list, const char *tunnel, struct arena *arena,
		    struct diag_list *ret_list)
{
	diag_list_init(ret_list, arena);
	for (size_t i = 0; i < list->count; i++) {
		const struct diag *diag = &list->items[i];

		if (!diag->tunnel || strcmp(diag->tunnel, tunnel) != 0)
			continue;
		*ARENA_PUSH(arena, ret_list->items, ret_list->count) = *diag;
		ret_list->errors++;
	}
}

void diag_sort(struct diag_list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_diags);
	drop_repeats(list);
}

/* What diag_render() needs at every turn. */
struct renderer {
	const struct sources *sources;
	bool color;
	struct strbuf *text;
};

static const char *paint(const struct renderer *renderer, const char *sequence)
{
	return renderer->color ? sequence : "";
}

static void render_place(const struct renderer *renderer, const struct position *position)
{
	if (position->source)
		caret_safe_text(position->source->name, renderer->text);
	if (position->line)
		strbuf_printf(renderer->text, ":%u:%u", position->line, position->column);
}

/* A line behind the carets: "   = help: …   (lab.yaml:3:5)". */
static void render_note(const struct renderer *renderer, const char *word, const char *note,
			struct span at)
{
	const struct position position = sources_position(renderer->sources, at);

	strbuf_printf(renderer->text, "%s   =%s %s: ", paint(renderer, "\033[1;34m"),
		      paint(renderer, "\033[0m"), word);
	caret_safe_text(note, renderer->text);
	if (position.source) {
		strbuf_puts(renderer->text, "   (");
		render_place(renderer, &position);
		strbuf_puts(renderer->text, ")");
	}
	strbuf_puts(renderer->text, "\n");
}

static void render_one(const struct renderer *renderer, const struct diag *diag)
{
	const struct position position = sources_position(renderer->sources, diag->at);
	const struct span nowhere = {0};
	const bool error = diag->level == DIAG_ERROR;

	strbuf_puts(renderer->text, paint(renderer, "\033[1m"));
	render_place(renderer, &position);
	strbuf_printf(renderer->text,
		      ": %s%s[%s]%s: ", paint(renderer, error ? "\033[1;31m" : "\033[1;33m"),
		      error ? "error" : "warning", diag->code, paint(renderer, "\033[0m"));
	caret_safe_text(diag->message, renderer->text);
	strbuf_puts(renderer->text, "\n");
	if (position.line)
		caret_render(&position, renderer->color, renderer->text);
	if (diag->related_text)
		render_note(renderer, "note", diag->related_text, diag->related);
	if (diag->help)
		render_note(renderer, "help", diag->help,
			    diag->related_text ? nowhere : diag->related);
}

/* "… and 3 more errors", or "… and 3 more errors and 1 more warning" */
static void render_rest(const struct renderer *renderer, size_t errors, size_t lints)
{
	if (errors + lints == 0)
		return;
	strbuf_puts(renderer->text, "…");
	if (errors)
		strbuf_printf(renderer->text, " and %zu more error%s", errors,
			      errors == 1 ? "" : "s");
	if (lints)
		strbuf_printf(renderer->text, " and %zu more warning%s", lints,
			      lints == 1 ? "" : "s");
	strbuf_puts(renderer->text, "\n");
}

void diag_render(const struct diag_list *list, const struct sources *sources, bool color,
		 struct strbuf *ret_text)
{
	const struct renderer renderer = {sources, color, ret_text};
	size_t errors = list->errors, lints = list->lints;

	for (size_t i = 0; i < list->count && i < DIAG_SHOWN_MAX; i++) {
		render_one(&renderer, &list->items[i]);
		if (list->items[i].level == DIAG_ERROR)
			errors--;
		else
			lints--;
	}
	render_rest(&renderer, errors, lints);
}
