#include "topology/diag/source.h"

#include <string.h>

#include "topology/base/utf8.h"

/* What YAML allows in a file besides printable characters, by libyaml's reader. */
static bool is_text(uint32_t point)
{
	if (point == '\t' || point == '\n' || point == '\r' || point == 0x85)
		return true;
	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		return false;
	return point != 0xfeff && point != 0xfffe && point != 0xffff && point != UTF8_INVALID;
}

/* Where a look over a source is. */
struct survey {
	struct source *source;
	size_t offset;
	uint32_t breaks;
};

/* Looks at one code point; false when it is no text. */
static bool survey_point(struct survey *survey)
{
	struct source *source = survey->source;
	const char *here = source->text + survey->offset;
	const size_t left = source->size - survey->offset;
	uint32_t point;
	const size_t used = utf8_decode(here, left, &point);

	if (!is_text(point))
		return false;
	if (used > 1)
		source->ascii = false;
	/* The two of CRLF are one break. */
	if (utf8_line_break(point) && !(point == '\r' && left > 1 && here[1] == '\n'))
		survey->breaks++;
	survey->offset += used;
	return true;
}

/* Goes over what is printable ASCII, up to an offset; a code point may have led beyond it already. */
static void skip_plain(struct survey *survey, size_t end)
{
	const char *text = survey->source->text;
	size_t at = survey->offset;

	while (at < end && text[at] >= ' ' && text[at] < 0x7f)
		at++;
	survey->offset = at;
}

/* Looks at the text up to an offset; false when something there is no text. */
static bool survey_until(struct survey *survey, size_t end)
{
	while (survey->offset < end) {
		if (survey->source->text[survey->offset] == '\n') {
			survey->breaks++;
			survey->offset++;
		} else if (!survey_point(survey)) {
			return false;
		}
		skip_plain(survey, end);
	}
	return true;
}

static void survey_source(struct source *source, struct arena *arena)
{
	const size_t chunks = source->size / SOURCE_CHUNK + 1;
	struct survey survey = {.source = source, .offset = source->mark_size};

	source->ascii = true;
	source->breaks = arena_array(arena, chunks, sizeof(*source->breaks));
	while (source->chunk_count < chunks) {
		size_t end;

		source->breaks[source->chunk_count++] = survey.breaks;
		end = source->chunk_count * SOURCE_CHUNK;
		/* What is behind the first bad bytes is never read. */
		if (!survey_until(&survey, end < source->size ? end : source->size))
			break;
	}
	source->not_text = survey.offset;
}

const struct source *sources_add(struct sources *sources, struct arena *arena, const char *name,
				 const char *text, size_t size)
{
	const struct source *before = sources->count ? &sources->items[sources->count - 1] : NULL;
	/* One more than its bytes: a place behind the last one is a place, too. */
	const uint32_t base = before ? before->base + (uint32_t)before->size + 1 : 1;
	struct source *source = ARENA_PUSH(arena, sources->items, sources->count);

	*source = (struct source){.name = name, .text = text, .size = size, .base = base};
	source->mark_size = utf8_mark_size(text, size);
	survey_source(source, arena);
	return source;
}

struct span source_span(const struct source *source)
{
	return (struct span){source->base, 0};
}

/* Returns the source that a place is in, or NULL. */
static const struct source *sources_find(const struct sources *sources, struct span span)
{
	size_t low = 0, high = sources->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (sources->items[middle].base <= span.at)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &sources->items[low - 1] : NULL;
}

/* Returns the size of the line break that text begins with, or 0. */
static size_t break_size(const char *text, size_t size)
{
	uint32_t point;
	size_t used;

	if (size == 0)
		return 0;
	used = utf8_decode(text, size, &point);
	if (point == '\r' && size > 1 && text[1] == '\n')
		return 2;
	return utf8_line_break(point) ? used : 0;
}

/* Returns the bytes before the next line break. */
static size_t line_size(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && !break_size(text + i, size - i))
		i++;
	return i;
}

/* Returns the offset of the start of the line that has so many line breaks before it. */
static size_t line_offset(const struct source *source, uint32_t breaks)
{
	size_t low = 0, high = source->chunk_count, offset;
	uint32_t seen;

	/* The last chunk that begins before the break in question. */
	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (source->breaks[middle] >= breaks)
			high = middle;
		else
			low = middle;
	}
	offset = low ? low * SOURCE_CHUNK : source->mark_size;
	for (seen = source->breaks[low]; seen < breaks && offset < source->size; seen++) {
		offset += line_size(source->text + offset, source->size - offset);
		offset += break_size(source->text + offset, source->size - offset);
	}
	return offset;
}

/* Returns the start of the line that an offset is on, and how many line breaks are before it. */
static size_t line_start(const struct source *source, size_t offset, uint32_t *ret_breaks)
{
	const size_t chunk = offset / SOURCE_CHUNK, last = source->chunk_count - 1;
	uint32_t breaks = source->breaks[chunk < last ? chunk : last];
	size_t start = line_offset(source, breaks);

	for (;;) {
		const size_t end = start + line_size(source->text + start, source->size - start);
		const size_t next = end + break_size(source->text + end, source->size - end);

		if (next == end || next > offset)
			break;
		start = next;
		breaks++;
	}
	*ret_breaks = breaks;
	return start;
}

static uint32_t points(const struct source *source, size_t start, size_t end)
{
	return (uint32_t)(source->ascii ? end - start
					: utf8_length(source->text + start, end - start));
}

struct position sources_position(const struct sources *sources, struct span span)
{
	const struct source *source = span.at ? sources_find(sources, span) : NULL;
	struct position position = {.source = source};
	size_t offset, start, length;

	if (!source || span.length == 0)
		return position;
	offset = span.at - source->base;
	length = source->size - offset;
	start = line_start(source, offset, &position.line);
	length = line_size(source->text + offset, length < span.length ? length : span.length);
	position.line++;
	position.column = points(source, start, offset) + 1;
	position.length = points(source, offset, offset + length);
	if (position.length == 0)
		position.length = 1;
	return position;
}

const char *sources_text(const struct sources *sources, struct span span, struct arena *arena)
{
	const struct position position = sources_position(sources, span);

	if (!position.line)
		return position.source ? position.source->name : NULL;
	return arena_format(arena, "%s:%u:%u", position.source->name, position.line,
			    position.column);
}

const char *source_line(const struct source *source, uint32_t line, size_t *ret_size)
{
	const size_t offset = line_offset(source, line - 1);

	*ret_size = line_size(source->text + offset, source->size - offset);
	return source->text + offset;
}
