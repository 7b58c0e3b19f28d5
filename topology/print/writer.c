#include "topology/print/writer.h"

#include <assert.h>
#include <string.h>

#include "topology/diag/caret.h"

static bool is_allowed(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '-' && byte <= '9') || (byte && strchr("_@+=~> ", byte));
}

/* Whether all bytes are such ones: strspn() makes a table of them first, for each word of a file. */
static bool is_all_allowed(const char *text)
{
	while (is_allowed(*text))
		text++;
	return !*text;
}

/* Whether a text may stand without quotes, in block and in flow style, and means itself. */
static bool is_plain(const char *text)
{
	static const char *const others[] = {"null", "Null", "NULL", "~"};
	const size_t length = strlen(text);

	if (length == 0 || !is_all_allowed(text) || strchr("+=~>- @", *text) ||
	    text[length - 1] == ' ')
		return *text == '~' && length > 1 && text[1] == '/' && is_all_allowed(text);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(text, others[i]) == 0)
			return false;
	}
	return true;
}

static void add_value(struct writer *writer, const char *text)
{
	if (is_plain(text)) {
		strbuf_puts(writer->text, text);
		return;
	}
	strbuf_puts(writer->text, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_puts(writer->text, "\\");
		strbuf_add(writer->text, text, 1);
	}
	strbuf_puts(writer->text, "\"");
}

/* Ends a line, with where its part comes from. */
static void end_line(struct writer *writer, struct span at)
{
	const struct position position =
		writer->origins ? sources_position(writer->origins, at) : (struct position){0};

	if (position.line) {
		strbuf_puts(writer->text, " # ");
		caret_safe_text(position.source->name, writer->text);
		strbuf_printf(writer->text, ":%u", position.line);
	}
	strbuf_puts(writer->text, "\n");
}

/* Begins a line on a level; the first one of an entry of a list has its dash. */
static void begin_line(struct writer *writer, unsigned level, const char *key)
{
	/* An entry of a list has its keys one level further in. */
	const unsigned indent = 2 * (level + writer->items);

	strbuf_fill(writer->text, ' ', writer->dash ? indent - 2 : indent);
	strbuf_puts(writer->text, writer->dash ? "- " : "");
	writer->dash = false;
	add_value(writer, key);
	strbuf_puts(writer->text, ":");
}

/* Writes the keys of the mappings that are open and turn out not to be empty. */
static void begin_pending(struct writer *writer)
{
	while (writer->written < writer->depth) {
		const struct writer_pending *pending = &writer->pending[writer->written];

		begin_line(writer, writer->written++, pending->key);
		end_line(writer, pending->at);
	}
}

void writer_open(struct writer *writer, const char *key, struct span at)
{
	assert(writer->depth < WRITER_DEPTH_MAX);
	writer->pending[writer->depth++] = (struct writer_pending){key, at};
}

void writer_close(struct writer *writer)
{
	const struct writer_pending pending = writer->pending[--writer->depth];

	if (writer->written > writer->depth) {
		writer->written = writer->depth;
		return;
	}
	begin_pending(writer);
	begin_line(writer, writer->depth, pending.key);
	strbuf_puts(writer->text, " {}");
	end_line(writer, pending.at);
}

void writer_close_full(struct writer *writer)
{
	writer->depth--;
	if (writer->written > writer->depth)
		writer->written = writer->depth;
}

void writer_open_list(struct writer *writer, const char *key)
{
	writer_open(writer, key, (struct span){0});
	begin_pending(writer);
	writer->items++;
}

void writer_close_list(struct writer *writer)
{
	writer->items--;
	writer_close(writer);
}

void writer_item(struct writer *writer)
{
	writer->dash = true;
}

void writer_scalar(struct writer *writer, const char *key, const char *value, struct span at)
{
	begin_pending(writer);
	begin_line(writer, writer->depth, key);
	strbuf_puts(writer->text, " ");
	add_value(writer, value);
	end_line(writer, at);
}

void writer_number(struct writer *writer, const char *key, unsigned long value, struct span at)
{
	begin_pending(writer);
	begin_line(writer, writer->depth, key);
	strbuf_puts(writer->text, " ");
	strbuf_number(writer->text, value, 10, 1);
	end_line(writer, at);
}

void writer_boolean(struct writer *writer, const char *key, bool value, struct span at)
{
	writer_scalar(writer, key, value ? "yes" : "no", at);
}

void writer_null(struct writer *writer, const char *key, struct span at)
{
	begin_pending(writer);
	begin_line(writer, writer->depth, key);
	end_line(writer, at);
}

void writer_list(struct writer *writer, const char *key, const char *const *values, size_t count,
		 struct span at)
{
	begin_pending(writer);
	begin_line(writer, writer->depth, key);
	strbuf_puts(writer->text, " [");
	for (size_t i = 0; i < count; i++) {
		strbuf_puts(writer->text, i ? ", " : "");
		add_value(writer, values[i]);
	}
	strbuf_puts(writer->text, "]");
	end_line(writer, at);
}
