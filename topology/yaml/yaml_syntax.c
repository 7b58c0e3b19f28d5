#include "topology/yaml/yaml_syntax.h"

#include <string.h>

#include "topology/base/memory.h"
#include "topology/base/utf8.h"
#include "topology/diag/codes.h"

/* Where the caret goes: where libyaml stopped, or where the thing began that it was reading. */
enum place { AT_PROBLEM, AT_CONTEXT };

/* What stands on the line before where libyaml stopped; DOLLAR: a '$' right before it. */
enum before { ANYTHING, INDENT, KEY, DOLLAR };

/* A complaint of libyaml 0.2.5 and what we say instead. The first row that fits is used. */
struct yaml_hint {
	const char *problem; /* libyaml's words, or a part of them */
	const char *context; /* a part of what it says it was doing, or NULL: anything */
	const char *found;   /* the character at the place is one of these, or NULL: anything */
	enum before before;  /* what stands before it on its line */
	enum place place;
	const char *message;
	const char *help;
};

#define TAB            "a tab stands where only spaces may indent"
#define VARIABLE       "inside [ ] and { }, a value with a variable has to be quoted"
#define QUOTE_VARIABLE "write \"${NAME}\""
#define QUOTE_BRACKETS "quote a value with brackets or braces: \"[2001:db8::1]:22\""

static const struct yaml_hint yaml_hints[] = {
	{"alphabetic or numeric", "alias", NULL, ANYTHING, AT_CONTEXT,
	 "a '*' at the start of a value begins a YAML alias, and this is none",
	 "quote the value: \"*…\""},
	{"alphabetic or numeric", "anchor", NULL, ANYTHING, AT_CONTEXT,
	 "a '&' at the start of a value begins a YAML anchor, and this is none", "quote the value"},
	{"cannot start any token", NULL, "\t", ANYTHING, AT_PROBLEM, TAB, "indent with spaces"},
	{"tab character", NULL, NULL, ANYTHING, AT_PROBLEM, TAB, "indent with spaces"},
	{"cannot start any token", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "a value cannot begin with this character in YAML", "quote the value"},
	{"mapping values are not allowed", NULL, NULL, KEY, AT_PROBLEM, "a second ':' on this line",
	 "quote a value in which ':' stands before a space or at the end: \"2001:db8::\""},
	{"mapping values are not allowed", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "this key does not line up with the keys above it",
	 "give it as many spaces as the keys beside it; a key that it belongs to ends in ':'"},
	{"could not find expected ':'", NULL, NULL, ANYTHING, AT_CONTEXT,
	 "this is neither 'key: value' nor an entry of a list",
	 "write 'key: value' with a space after the colon, or '- entry' with a space after the "
	 "dash"},
	{"unexpected ':'", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "inside [ ] and { }, a ':' at the end of a word is not allowed",
	 "quote an IPv6 address: \"2001:db8::\"; in {a, b}, drop the colon of an empty key"},
	{"node content", "flow node", ":", ANYTHING, AT_PROBLEM,
	 "inside [ ] and { }, a value cannot begin with ':'",
	 "quote an address with brackets: \"[2001:db8::1]:22\""},
	{"node content", NULL, NULL, ANYTHING, AT_PROBLEM, "a value is missing here",
	 "write the value, or drop the comma or the colon before it"},
	{"',' or ']'", NULL, "{", DOLLAR, AT_PROBLEM, VARIABLE, QUOTE_VARIABLE},
	{"',' or '}'", NULL, "{", DOLLAR, AT_PROBLEM, VARIABLE, QUOTE_VARIABLE},
	{"',' or ']'", NULL, "[{", ANYTHING, AT_PROBLEM,
	 "a bracket begins in the middle of a value of this [list]", QUOTE_BRACKETS},
	{"',' or '}'", NULL, "[{", ANYTHING, AT_PROBLEM,
	 "a bracket begins in the middle of a value of this {mapping}", QUOTE_BRACKETS},
	{"',' or ']'", NULL, NULL, ANYTHING, AT_CONTEXT, "this [list] is not closed",
	 "close it with ']', with commas between its entries; " QUOTE_BRACKETS},
	{"',' or '}'", NULL, NULL, ANYTHING, AT_CONTEXT, "this {mapping} is not closed",
	 "close it with '}', with commas between its entries; " QUOTE_BRACKETS},
	{"block sequence entries", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "a list cannot begin on this line", "put '- …' on a line of its own, or write [a, b]"},
	{"'-' indicator", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "this line is indented like the list above it, and is no entry of it",
	 "begin it with '- ', or give it as many spaces as the key that it belongs to"},
	{"did not find expected key", NULL, "]}", ANYTHING, AT_PROBLEM,
	 "this bracket closes nothing", "drop it, or open it before"},
	{"did not find expected key", NULL, NULL, INDENT, AT_PROBLEM,
	 "this line does not line up with the lines above it",
	 "give it as many spaces as the keys beside it"},
	{"did not find expected key", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "something follows behind a value that has ended",
	 "drop it, or put quotes around the whole value"},
	{"unexpected end of stream", "quoted", NULL, ANYTHING, AT_CONTEXT,
	 "this quote is not closed", "close it with the same quote"},
	{"unexpected document indicator", NULL, NULL, ANYTHING, AT_CONTEXT,
	 "this quote is not closed", "close it with the same quote"},
	{"comment or line break", NULL, NULL, ANYTHING, AT_CONTEXT,
	 "a '|' or '>' at the start of a value begins a text of several lines", "quote the value"},
	{"mapping keys are not allowed", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "a '?' at the start begins a key that is no plain word", "quote the value"},
	{"document start", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "the value before this place is complete, and nothing may follow it",
	 "the whole file is one mapping: begin it with 'key: value'"},
	{"unknown escape", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "this backslash means nothing inside double quotes",
	 "use single quotes, or write the backslash twice"},
	{"directive", NULL, NULL, ANYTHING, AT_CONTEXT,
	 "a line that begins with '%' is a YAML directive", "quote the value, or indent it"},
	{"undefined tag handle", NULL, NULL, ANYTHING, AT_PROBLEM,
	 "a '!' at the start begins a YAML tag", "quote the value"},
};

/* Anything else that libyaml may say. */
static const struct yaml_hint other_hint = {
	"",
	NULL,
	NULL,
	ANYTHING,
	AT_PROBLEM,
	NULL,
	"look at quotes, brackets and indentation before this place"};

/* Returns the byte offset of a mark, which counts code points. */
static size_t offset_of_mark(const struct source *source, yaml_mark_t mark)
{
	size_t offset = source->mark_size;
	uint32_t point;

	for (size_t i = 0; i < mark.index && offset < source->size; i++)
		offset += utf8_decode(source->text + offset, source->size - offset, &point);
	return offset;
}

/* Returns what stands before an offset on its line. */
static enum before what_before(const struct source *source, size_t offset)
{
	enum before before = INDENT;

	if (offset > 0 && source->text[offset - 1] == '$')
		return DOLLAR;
	for (size_t i = offset; i-- > 0 && source->text[i] != '\n';) {
		if (source->text[i] == ':' && (i + 1 == offset || source->text[i + 1] == ' '))
			return KEY;
		if (source->text[i] != ' ')
			before = ANYTHING;
	}
	return before;
}

static bool hint_fits(const struct yaml_hint *yaml_hint, const yaml_parser_t *parser, char found,
		      enum before before)
{
	if (yaml_hint->before != ANYTHING && yaml_hint->before != before)
		return false;
	if (!strstr(parser->problem ? parser->problem : "", yaml_hint->problem))
		return false;
	if (yaml_hint->context &&
	    !strstr(parser->context ? parser->context : "", yaml_hint->context))
		return false;
	return !yaml_hint->found || (found && strchr(yaml_hint->found, found));
}

static const struct yaml_hint *find_hint(const yaml_parser_t *parser, const struct source *source)
{
	const size_t offset = offset_of_mark(source, parser->problem_mark);
	const char found = offset < source->size ? source->text[offset] : '\0';
	const enum before before = what_before(source, offset);

	for (size_t i = 0; i < sizeof(yaml_hints) / sizeof(yaml_hints[0]); i++) {
		if (hint_fits(&yaml_hints[i], parser, found, before))
			return &yaml_hints[i];
	}
	return &other_hint;
}

void yaml_syntax_error(const yaml_parser_t *parser, const struct source *source,
		       struct diag_list *diags)
{
	const struct yaml_hint *yaml_hint;
	struct span at = {.length = 1};
	struct diag *diag;
	bool at_context;

	if (parser->error == YAML_MEMORY_ERROR)
		memory_exhausted();
	yaml_hint = find_hint(parser, source);
	at_context = yaml_hint->place == AT_CONTEXT && parser->context;
	at.at = source->base + (uint32_t)offset_of_mark(source, at_context ? parser->context_mark
									   : parser->problem_mark);
	if (yaml_hint->message)
		diag = diag_error(diags, CODE_SYNTAX, at, "%s", yaml_hint->message);
	else
		diag = diag_error(diags, CODE_SYNTAX, at, "this is not valid YAML: %s",
				  parser->problem ? parser->problem : "it cannot be read");
	diag->help = yaml_hint->help;
}

bool yaml_syntax_text(const struct source *source, struct diag_list *diags)
{
	const size_t offset = source->not_text;
	struct span at = {source->base + (uint32_t)offset, 1};
	uint32_t point;

	if (offset == source->size)
		return true;
	at.length = (uint32_t)utf8_decode(source->text + offset, source->size - offset, &point);
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
