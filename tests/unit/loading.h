/*
 * Loads topologies from texts, for the tests of topology/.
 */
#ifndef TUNPLAN_TESTS_UNIT_LOADING_H
#define TUNPLAN_TESTS_UNIT_LOADING_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/expect_text.h"
#include "topology/load.h"

/* One text and what became of it. */
struct loading {
	struct arena arena;
	struct diag_list diags;
	struct load_file file;
	struct sources sources;
	char *bytes; /* the text without a NUL behind it, so that ASan sees reading too far */
	bool good;
	const struct topology *topology; /* NULL unless good */
	struct strbuf text;              /* the diagnostics, rendered */
};

/* Makes everything but the topology: for tests of the stages before it. */
static inline void loading_init(struct loading *loading, const char *text, size_t size)
{
	*loading = (struct loading){0};
	loading->bytes = malloc(size ? size : 1);
	cr_assert(loading->bytes != NULL);
	memcpy(loading->bytes, text, size);
	loading->file = (struct load_file){
		.name = "net.yaml", .identity = "net.yaml", .text = loading->bytes, .size = size};
	arena_init(&loading->arena);
	diag_list_init(&loading->diags, &loading->arena);
}

/* Adds the text as a source, as loading does. */
static inline const struct source *loading_source(struct loading *loading)
{
	return sources_add(&loading->sources, &loading->arena, loading->file.name,
			   loading->file.text, loading->file.size);
}

/* Renders what has been reported so far. */
static inline const char *loading_text(struct loading *loading)
{
	strbuf_clear(&loading->text);
	diag_sort(&loading->diags);
	diag_render(&loading->diags, &loading->sources, false, &loading->text);
	return strbuf_text(&loading->text);
}

/* Loads the text, with what it may ask for (or NULL). */
static inline void loading_run(struct loading *loading, const struct load_input *input)
{
	loading->good = topology_load(&loading->file, input, &loading->sources, &loading->arena,
				      &loading->diags, &loading->topology);
}

static inline void loading_load(struct loading *loading, const char *text)
{
	loading_init(loading, text, strlen(text));
	loading_run(loading, NULL);
}

/* Loads a text that must be good. */
static inline void loading_load_good(struct loading *loading, const char *text)
{
	loading_load(loading, text);
	cr_assert(loading->good, "%s", loading_text(loading));
}

/* Returns the line that a span is on. */
static inline unsigned loading_line(const struct loading *loading, struct span at)
{
	return sources_position(&loading->sources, at).line;
}

static inline void expect_place(const struct loading *loading, struct span at, unsigned line,
				unsigned column)
{
	const struct position position = sources_position(&loading->sources, at);

	cr_expect(position.line == line && position.column == column, "%u:%u", position.line,
		  position.column);
}

static inline void loading_finish(struct loading *loading)
{
	strbuf_finish(&loading->text);
	arena_finish(&loading->arena);
	free(loading->bytes);
}

/*
 * Loads a text and compares the first line of each diagnostic without the file's name,
 * "3:5 T021 message", each with a line break.
 */
static inline void expect_errors(const char *text, const char *expected)
{
	struct loading loading;
	struct strbuf lines = {0};

	loading_load(&loading, text);
	for (size_t i = 0; i < loading.diags.count; i++) {
		const struct diag *diag = &loading.diags.items[i];

		const struct position at = sources_position(&loading.sources, diag->at);

		strbuf_printf(&lines, "%u:%u %s %s\n", at.line, at.column, diag->code,
			      diag->message);
	}
	expect_text(strbuf_text(&lines), expected);
	cr_expect(loading.good == (loading.diags.errors == loading.diags.spoiling),
		  "good and errors disagree: %s", text);
	strbuf_finish(&lines);
	loading_finish(&loading);
}

#endif
