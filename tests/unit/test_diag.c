#include "topology/diag/diag.h"

#include "tests/unit/expect_text.h"
#include "topology/base/utf8.h"

/* A list, and the source that its places are in. */
struct fixture {
	struct arena arena;
	struct diag_list list;
	struct sources sources;
	struct strbuf text;
};

static void setup(struct fixture *fixture, const char *text)
{
	*fixture = (struct fixture){0};
	diag_list_init(&fixture->list, &fixture->arena);
	sources_add(&fixture->sources, &fixture->arena, "lab.yaml", text, strlen(text));
}

static const char *render(struct fixture *fixture, bool color)
{
	strbuf_clear(&fixture->text);
	diag_sort(&fixture->list);
	diag_render(&fixture->list, &fixture->sources, color, &fixture->text);
	return strbuf_text(&fixture->text);
}

static void teardown(struct fixture *fixture)
{
	strbuf_finish(&fixture->text);
	arena_finish(&fixture->arena);
}

/* A place as people count, in code points. */
struct where {
	uint32_t line;
	uint32_t column;
	uint32_t length;
};

static struct where place(uint32_t line, uint32_t column, uint32_t length)
{
	return (struct where){line, column, length};
}

/* Finds the span of a place: line 0 is the source as a whole. */
static struct span span_of(const struct fixture *fixture, struct where where)
{
	const struct source *source = &fixture->sources.items[0];
	struct span span = {source->base, 0};
	uint32_t point;

	if (where.line == 0)
		return source_span(source);
	for (size_t offset = source->mark_size; offset <= source->size; offset++) {
		struct position at;

		span = (struct span){source->base + (uint32_t)offset, 1};
		at = sources_position(&fixture->sources, span);
		if (at.line == where.line && at.column == where.column)
			break;
	}
	span.length = 0;
	for (uint32_t i = 0; i < where.length; i++) {
		const size_t end = span.at - source->base + span.length;

		span.length += end < source->size
				       ? utf8_decode(source->text + end, source->size - end, &point)
				       : 1;
	}
	return span;
}

/* Renders one diagnostic without a message at a place of a text. */
static void expect_carets(const char *text, struct where at, const char *expected)
{
	struct fixture fixture;

	setup(&fixture, text);
	diag_error(&fixture.list, "T", span_of(&fixture, at), "m");
	expect_text(strchr(render(&fixture, false), '\n') + 1, expected);
	teardown(&fixture);
}

Test(diag, draws_the_form_of_the_manual)
{
	struct fixture fixture;
	struct diag *diag;

	setup(&fixture, "\n\n  x bastion\n\n\n\n\n\n\n\n\n\n\n    via: [bastoin]\n");
	diag = diag_error(&fixture.list, "T021", span_of(&fixture, place(14, 11, 7)),
			  "unknown host '%s'", "bastoin");
	diag_help(&fixture.list, diag, "did you mean '%s'?", "bastion");
	diag->related = span_of(&fixture, place(3, 5, 7));
	expect_text(render(&fixture, false),
		    "lab.yaml:14:11: error[T021]: unknown host 'bastoin'\n"
		    "   14 |     via: [bastoin]\n"
		    "      |           ^^^^^^^\n"
		    "   = help: did you mean 'bastion'?   (lab.yaml:3:5)\n");
	diag->related_text = "first defined here";
	expect_text(render(&fixture, false), "lab.yaml:14:11: error[T021]: unknown host 'bastoin'\n"
					     "   14 |     via: [bastoin]\n"
					     "      |           ^^^^^^^\n"
					     "   = note: first defined here   (lab.yaml:3:5)\n"
					     "   = help: did you mean 'bastion'?\n");
	teardown(&fixture);
}

Test(diag, widens_the_gutter_with_the_line_number)
{
	struct strbuf lines = {0};

	strbuf_fill(&lines, '\n', 9999);
	strbuf_puts(&lines, "abc");
	expect_carets("abc", place(1, 2, 1), "   1 | abc\n     |  ^\n");
	expect_carets(strbuf_text(&lines), place(10000, 3, 1), "   10000 | abc\n         |   ^\n");
	strbuf_finish(&lines);
}

Test(diag, places_carets_by_what_the_terminal_shows)
{
	/* wide characters take two columns, combining ones none */
	expect_carets("a: \xe6\x97\xa5\xe6\x9c\xac x", place(1, 7, 1),
		      "   1 | a: \xe6\x97\xa5\xe6\x9c\xac x\n     |         ^\n");
	expect_carets("\xe6\x97\xa5\xe6\x9c\xac", place(1, 1, 2),
		      "   1 | \xe6\x97\xa5\xe6\x9c\xac\n     | ^^^^\n");
	expect_carets("e\xcc\x81: x", place(1, 5, 1), "   1 | e\xcc\x81: x\n     |    ^\n");
	/* a tab reaches to the next column that is a multiple of eight */
	expect_carets("\ta\tb", place(1, 4, 1),
		      "   1 |         a       b\n"
		      "     |                 ^\n");
	/* what is not printable takes one column */
	expect_carets("a\x1b[1mb\xff", place(1, 6, 2), "   1 | a?[1mb?\n     |      ^^\n");
}

Test(diag, finds_lines_as_libyaml_counts_them)
{
	expect_carets("a\r\nb\rc\nd", place(2, 1, 1), "   2 | b\n     | ^\n");
	expect_carets("a\r\nb\rc\nd", place(4, 1, 1), "   4 | d\n     | ^\n");
	expect_carets("a\xc2\x85"
		      "b\xe2\x80\xa8"
		      "c",
		      place(3, 1, 1), "   3 | c\n     | ^\n");
	expect_carets("\xef\xbb\xbf"
		      "abc",
		      place(1, 2, 1), "   1 | abc\n     |  ^\n");
}

Test(diag, stays_inside_the_line)
{
	expect_carets("abc\ndef", place(1, 2, 99), "   1 | abc\n     |  ^^\n");
	expect_carets("abc", place(1, 4, 1), "   1 | abc\n     |    ^\n");
	expect_carets("abc\n", place(2, 1, 1), "   2 |\n     | ^\n");
	expect_carets("", place(1, 1, 1), "   1 |\n     | ^\n");
}

Test(diag, clips_long_lines_around_the_carets)
{
	struct strbuf line = {0};
	struct strbuf expected = {0};

	strbuf_fill(&line, 'a', 200);
	strbuf_puts(&line, "XY");
	strbuf_fill(&line, 'b', 200);
	strbuf_puts(&expected, "   1 | …");
	strbuf_fill(&expected, 'a', 32);
	strbuf_puts(&expected, "XY");
	strbuf_fill(&expected, 'b', 62);
	strbuf_puts(&expected, "…\n     |  ");
	strbuf_fill(&expected, ' ', 32);
	strbuf_puts(&expected, "^^\n");
	expect_carets(strbuf_text(&line), place(1, 201, 2), strbuf_text(&expected));
	strbuf_finish(&line);
	strbuf_finish(&expected);
}

Test(diag, sorts_by_place_and_drops_repeats)
{
	struct fixture fixture;

	setup(&fixture, "abc\nabc\n");
	diag_error(&fixture.list, "T3", span_of(&fixture, place(2, 1, 1)), "third");
	diag_error(&fixture.list, "T2", span_of(&fixture, place(1, 2, 1)), "second");
	diag_error(&fixture.list, "T2", span_of(&fixture, place(1, 2, 1)), "second, too");
	diag_error(&fixture.list, "T2", span_of(&fixture, place(1, 2, 1)), "second");
	diag_error(&fixture.list, "T1", span_of(&fixture, place(0, 0, 0)), "first");
	diag_sort(&fixture.list);
	cr_assert(fixture.list.count == 4 && fixture.list.errors == 4);
	expect_text(fixture.list.items[0].message, "first");
	expect_text(fixture.list.items[1].message, "second");
	expect_text(fixture.list.items[2].message, "second, too");
	expect_text(fixture.list.items[3].message, "third");
	teardown(&fixture);
}

Test(diag, needs_no_place)
{
	struct fixture fixture;

	setup(&fixture, "abc");
	diag_error(&fixture.list, "T003", span_of(&fixture, place(0, 0, 0)), "nothing here");
	expect_text(render(&fixture, false), "lab.yaml: error[T003]: nothing here\n");
	teardown(&fixture);
}

Test(diag, shows_twenty_and_counts_the_rest)
{
	struct fixture fixture;
	const char *text;
	size_t shown = 0;

	setup(&fixture, "abc");
	for (uint32_t i = 0; i < 21; i++)
		diag_error(&fixture.list, "T", span_of(&fixture, place(0, 0, 0)), "number %u", i);
	text = render(&fixture, false);
	cr_expect(strstr(text, "number 19\n… and 1 more error\n"), "%s", text);
	for (uint32_t i = 21; i < 5000; i++)
		diag_help(&fixture.list,
			  diag_error(&fixture.list, "T", span_of(&fixture, place(0, 0, 0)),
				     "number %u", i),
			  "help");
	text = render(&fixture, false);
	cr_expect(strstr(text, "\n… and 4980 more errors\n"), "%s", text);
	for (const char *at = text; (at = strstr(at, "error[T]")); at++)
		shown++;
	cr_expect(shown == DIAG_SHOWN_MAX);
	teardown(&fixture);
}

Test(diag, counts_lints_apart)
{
	struct fixture fixture;
	const char *text;

	setup(&fixture, "abc");
	diag_lint(&fixture.list, "L001", span_of(&fixture, place(1, 2, 1)), "odd")->help = "h";
	expect_text(render(&fixture, false), "lab.yaml:1:2: warning[L001]: odd\n"
					     "   1 | abc\n"
					     "     |  ^\n"
					     "   = help: h\n");
	diag_lint(&fixture.list, "L001", span_of(&fixture, place(1, 2, 1)), "odd");
	diag_sort(&fixture.list);
	cr_expect(fixture.list.lints == 1 && fixture.list.errors == 0);
	for (uint32_t i = 0; i < 21; i++)
		diag_error(&fixture.list, "T", span_of(&fixture, place(0, 0, 0)), "number %u", i);
	text = render(&fixture, false);
	cr_expect(strstr(text, "\n… and 1 more error and 1 more warning\n"), "%s", text);
	teardown(&fixture);
}

Test(diag, colours_only_when_asked)
{
	struct fixture fixture;
	char *plain;

	setup(&fixture, "abc");
	diag_error(&fixture.list, "T1", span_of(&fixture, place(1, 1, 1)), "m")->help = "h";
	plain = arena_string(&fixture.arena, render(&fixture, false));
	cr_expect(!strchr(plain, '\033'));
	expect_text(render(&fixture, true), "\033[1mlab.yaml:1:1: \033[1;31merror[T1]\033[0m: m\n"
					    "\033[1;34m   1 |\033[0m abc\n"
					    "\033[1;34m     |\033[0m \033[1;31m^\033[0m\n"
					    "\033[1;34m   =\033[0m help: h\n");
	teardown(&fixture);
}

Test(diag, sends_the_terminal_no_control_characters)
{
	struct fixture fixture;

	setup(&fixture, "abc");
	fixture.sources.items[0].name = "a\033b";
	diag_error(&fixture.list, "T1", span_of(&fixture, place(0, 0, 0)), "evil '%s'",
		   "\033[31m\xe2\x80\xae");
	expect_text(render(&fixture, false), "a?b: error[T1]: evil '?[31m?'\n");
	teardown(&fixture);
}

Test(diag, leaves_the_middle_of_a_huge_text_out)
{
	struct fixture fixture;
	struct strbuf name = {0};
	struct diag *diag;

	setup(&fixture, "a\n");
	for (int i = 0; i < 100000; i++)
		strbuf_puts(&name, "\xc3\xa4");
	diag = diag_error(&fixture.list, "T015", (struct span){1, 1}, "a host has no key '%s'",
			  name.text);
	diag_help(&fixture.list, diag, "%s!", name.text);
	cr_expect(strlen(diag->message) < 700);
	cr_expect(strncmp(diag->message, "a host has no key '\xc3\xa4", 21) == 0);
	cr_expect(strstr(diag->message, "\xc3\xa4…\xc3\xa4") != NULL);
	expect_text(diag->message + strlen(diag->message) - 3, "\xc3\xa4'");
	cr_expect(strlen(diag->help) < 700);
	strbuf_finish(&name);
	teardown(&fixture);
}
