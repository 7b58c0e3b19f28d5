#include "topology/yaml_syntax.h"

#include <string.h>

#include "topology/codes.h"
#include "topology/utf8.h"

/* Where the caret goes: where libyaml stopped, or where the thing began that it was reading. */
enum place { AT_PROBLEM, AT_CONTEXT };

/* A complaint of libyaml 0.2.5 and what we say instead. The first row that fits is used. */
struct slip {
	const char *problem; /* libyaml's words, or a part of them */
	const char *context; /* a part of what it says it was doing, or NULL: anything */
	const char *found;   /* the character at the caret is one of these, or NULL: anything */
	enum place place;
	const char *message;
	const char *help;
};

#define QUOTE_IPV6 "quote it: \"[2001:db8::1]:22\""

static const struct slip slips[] = {
	{"alphabetic or numeric", "alias", NULL, AT_CONTEXT,
	 "a '*' at the start of a value begins a YAML alias, and this is none",
	 "for a pattern or an address, quote it: \"*web*\""},
	{"alphabetic or numeric", "anchor", NULL, AT_CONTEXT,
	 "a '&' at the start of a value begins a YAML anchor, and this is none", "quote the value"},
	{"cannot start any token", NULL, "\t", AT_PROBLEM,
	 "a tab stands where only spaces may indent", "indent with spaces"},
	{"cannot start any token", NULL, "@`%", AT_PROBLEM,
	 "a value cannot begin with this character in YAML", "quote the value: \"@…\""},
	{"tab character that violates", NULL, NULL, AT_PROBLEM,
	 "a tab stands where only spaces may indent", "indent with spaces"},
	{"tab character where", NULL, NULL, AT_PROBLEM, "a tab stands where only spaces may indent",
	 "indent with spaces"},
	{"mapping values are not allowed", NULL, NULL, AT_PROBLEM,
	 "a second ':' on one line, or a key that is indented differently from the keys above it",
	 "quote a value that holds or ends in ':' (as IPv6 addresses may), or start a new line"},
	{"could not find expected ':'", NULL, NULL, AT_CONTEXT,
	 "this is a key without a value, or stands where only 'key: value' may",
	 "write 'key: value' with a space after the colon, or '- item' with a space after the "
	 "dash"},
	{"unexpected ':'", NULL, NULL, AT_PROBLEM,
	 "a ':' at the end of a word inside [ ] or { } belongs to no key",
	 "quote an IPv6 address: \"2001:db8::\"; put a space after the colon of a key"},
	{"node content", "flow node", ":", AT_PROBLEM,
	 "a value inside [ ] or { } cannot begin with ':'", QUOTE_IPV6},
	{"node content", NULL, NULL, AT_PROBLEM, "a value is missing here",
	 "write the value, or drop the comma or colon before it"},
	{"',' or ']'", NULL, "[{", AT_PROBLEM,
	 "a bracket begins inside a value in a [list] that is not quoted", QUOTE_IPV6},
	{"',' or '}'", NULL, "[{", AT_PROBLEM,
	 "a bracket begins inside a value in a {mapping} that is not quoted", QUOTE_IPV6},
	{"',' or ']'", NULL, NULL, AT_CONTEXT, "this [list] is not closed",
	 "close it with ']' and separate its entries by commas; quote values with brackets, such "
	 "as \"[::1]:22\""},
	{"',' or '}'", NULL, NULL, AT_CONTEXT, "this {mapping} is not closed",
	 "close it with '}' and separate its entries by commas; quote values with braces"},
	{"block sequence entries", NULL, NULL, AT_PROBLEM, "a list cannot begin on this line",
	 "put '- …' on a line of its own, or write [a, b]"},
	{"'-' indicator", NULL, NULL, AT_PROBLEM,
	 "this line is indented like the list above it, and is no entry of it",
	 "begin it with '- ', or indent it like the key that it belongs to"},
	{"did not find expected key", NULL, "]}", AT_PROBLEM,
	 "a bracket closes here that was not opened", "drop it, or open it before"},
	{"did not find expected key", NULL, NULL, AT_PROBLEM,
	 "this fits nowhere: it is no key of the mapping around it",
	 "indent it like the keys above it; quote the whole of a value that begins with a quote or "
	 "a bracket"},
	{"unexpected end of stream", "quoted", NULL, AT_CONTEXT, "this quote is not closed",
	 "close it with the same quote"},
	{"unexpected document indicator", NULL, NULL, AT_CONTEXT, "this quote is not closed",
	 "close it with the same quote"},
	{"unknown escape", NULL, NULL, AT_PROBLEM,
	 "this backslash means nothing inside double quotes",
	 "use single quotes, or write the backslash twice"},
	{"directive", NULL, NULL, AT_CONTEXT, "a line that begins with '%' is a YAML directive",
	 "quote the value, or indent it"},
	{"undefined tag handle", NULL, NULL, AT_PROBLEM, "a '!' at the start begins a YAML tag",
	 "quote the value"},
};

/* Anything else that libyaml may say. */
static const struct slip other_slip = {
	"",         NULL, NULL,
	AT_PROBLEM, NULL, "look at quotes, brackets and indentation before this place"};

static struct span span_of_mark(uint32_t source, yaml_mark_t mark)
{
	return (struct span){source, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1, 1};
}

/* Returns the character at a mark, which counts code points; 0 at the end. */
static char character_at(const struct source *source, yaml_mark_t mark)
{
	size_t offset = utf8_mark_size(source->text, source->size);
	uint32_t point;

	for (size_t i = 0; i < mark.index && offset < source->size; i++)
		offset += utf8_decode(source->text + offset, source->size - offset, &point);
	return offset < source->size ? source->text[offset] : '\0';
}

static bool slip_fits(const struct slip *slip, const yaml_parser_t *parser, char found)
{
	if (!strstr(parser->problem ? parser->problem : "", slip->problem))
		return false;
	if (slip->context && !strstr(parser->context ? parser->context : "", slip->context))
		return false;
	return !slip->found || (found && strchr(slip->found, found));
}

static const struct slip *find_slip(const yaml_parser_t *parser, char found)
{
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		if (slip_fits(&slips[i], parser, found))
			return &slips[i];
	}
	return &other_slip;
}

void yaml_syntax_error(const yaml_parser_t *parser, const struct source *sources, uint32_t index,
		       struct diag_list *diags)
{
	const char found = character_at(&sources[index], parser->problem_mark);
	const struct slip *slip = find_slip(parser, found);
	const bool at_context = slip->place == AT_CONTEXT && parser->context;
	const struct span at =
		span_of_mark(index, at_context ? parser->context_mark : parser->problem_mark);
	struct diag *diag;

	if (slip->message)
		diag = diag_error(diags, CODE_SYNTAX, at, "%s", slip->message);
	else
		diag = diag_error(diags, CODE_SYNTAX, at, "this is not valid YAML: %s",
				  parser->problem ? parser->problem : "it cannot be read");
	diag->help = slip->help;
}

/* What YAML allows in a file besides printable characters, by libyaml's reader. */
static bool is_text(uint32_t point)
{
	if (point == '\t' || point == '\n' || point == '\r' || point == 0x85)
		return true;
	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		return false;
	return point != 0xfeff && point != 0xfffe && point != 0xffff && point != UTF8_INVALID;
}

/* Returns the offset of the first bytes that are no text, or the size. */
static size_t find_not_text(const struct source *source)
{
	size_t i = utf8_mark_size(source->text, source->size);

	while (i < source->size) {
		const unsigned char byte = (unsigned char)source->text[i];
		uint32_t point = byte;

		/* Nearly all of nearly every file. */
		if (byte >= 0x20 && byte < 0x7f) {
			i++;
			continue;
		}
		const size_t used = utf8_decode(source->text + i, source->size - i, &point);

		if (!is_text(point))
			return i;
		i += used;
	}
	return i;
}

/* Returns the place of a byte offset, counting lines as libyaml does. */
static struct span place_of_offset(const struct source *sources, uint32_t index, size_t offset)
{
	const struct source *source = &sources[index];
	struct span at = {index, 1, 1, 1};
	uint32_t point, before = 0;

	for (size_t i = utf8_mark_size(source->text, source->size); i < offset; before = point) {
		i += utf8_decode(source->text + i, source->size - i, &point);
		if (point == '\n' && before == '\r')
			continue;
		at.column++;
		if (utf8_line_break(point)) {
			at.line++;
			at.column = 1;
		}
	}
	return at;
}

bool yaml_syntax_text(const struct source *sources, uint32_t index, struct diag_list *diags)
{
	const struct source *source = &sources[index];
	const size_t offset = find_not_text(source);
	struct span at;
	uint32_t point;

	if (offset == source->size)
		return true;
	at = place_of_offset(sources, index, offset);
	utf8_decode(source->text + offset, source->size - offset, &point);
	if (point == UTF8_INVALID)
		diag_error(diags, CODE_NOT_TEXT, at, "this byte (0x%02x) is not UTF-8",
			   (unsigned char)source->text[offset])
			->help = "save the file as UTF-8 text";
	else
		diag_error(diags, CODE_NOT_TEXT, at,
			   "a control character (U+%04X) stands in the file", point)
			->help =
			"delete it; inside double quotes it can be written \\u and its number";
	return false;
}
