#include "topology/base/strbuf.h"

#include "tests/unit/expect_text.h"

Test(strbuf, is_empty_at_first)
{
	struct strbuf buffer;

	strbuf_init(&buffer);
	expect_text(strbuf_text(&buffer), "");
	strbuf_finish(&buffer);
	strbuf_finish(&buffer);
}

Test(strbuf, appends)
{
	struct strbuf buffer = {0};

	strbuf_add(&buffer, "abcdef", 3);
	strbuf_puts(&buffer, "-");
	strbuf_fill(&buffer, '^', 4);
	strbuf_fill(&buffer, 'x', 0);
	strbuf_printf(&buffer, " %s %d", "port", 22);
	expect_text(strbuf_text(&buffer), "abc-^^^^ port 22");
	cr_expect(buffer.length == 16);
	strbuf_finish(&buffer);
}

Test(strbuf, appends_numbers)
{
	struct strbuf buffer = {0};

	strbuf_number(&buffer, 0, 10, 1);
	strbuf_puts(&buffer, " ");
	strbuf_number(&buffer, UINT64_MAX, 10, 1);
	strbuf_puts(&buffer, " ");
	strbuf_number(&buffer, 0xabc, 16, 16);
	strbuf_puts(&buffer, " ");
	strbuf_number(&buffer, 7, 10, 0);
	expect_text(strbuf_text(&buffer), "0 18446744073709551615 0000000000000abc 7");
	strbuf_finish(&buffer);
}

Test(strbuf, grows_with_what_is_appended)
{
	struct strbuf buffer = {0};

	for (size_t i = 0; i < 10000; i++)
		strbuf_printf(&buffer, "%04zu ", i);
	cr_expect(buffer.length == 50000);
	cr_expect(strncmp(strbuf_text(&buffer) + 49990, "9998 9999 ", 10) == 0);
	strbuf_clear(&buffer);
	expect_text(strbuf_text(&buffer), "");
	strbuf_finish(&buffer);
}

Test(strbuf, formats_what_fits_just_and_just_not)
{
	/* The first room is of some power of 2. */
	for (int length = 1; length <= 1030; length++) {
		struct strbuf buffer = {0};

		strbuf_printf(&buffer, "%*d", length, 7);
		cr_expect(buffer.length == (size_t)length);
		cr_expect(strlen(buffer.text) == (size_t)length, "of %d", length);
		cr_expect(buffer.text[length - 1] == '7', "of %d", length);
		strbuf_finish(&buffer);
	}
}
