#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/terminal.h"
#include "tests/unit/expect_text.h"

/* Opens a terminal of that width, without a screen behind it. */
static int open_terminal(unsigned short columns)
{
	const struct winsize size = {.ws_row = 24, .ws_col = columns};
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	cr_assert(fd >= 0 && ioctl(fd, TIOCSWINSZ, &size) == 0);
	return fd;
}

Test(terminal, says_its_width_and_else_COLUMNS_does_and_else_it_is_80)
{
	static const struct {
		unsigned short columns; /* 0: the terminal does not know */
		const char *environment;
		unsigned expected;
	} rows[] = {
		{132, NULL, 132}, {40, "100", 40}, {0, "100", 100},
		{0, NULL, 80},    {0, "", 80},     {0, "wide", 80},
		{0, "-5", 80},    {0, "0", 80},    {0, "99999999", 80},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = open_terminal(rows[i].columns);
		unsigned width;

		if (rows[i].environment)
			setenv("COLUMNS", rows[i].environment, 1);
		else
			unsetenv("COLUMNS");
		width = terminal_width(fd);
		cr_expect(width == rows[i].expected, "%zu: %u, not %u", i, width, rows[i].expected);
		close(fd);
	}
	setenv("COLUMNS", "70", 1);
	cr_expect(terminal_width(-1) == 70);
}

Test(terminal, cuts_after_the_last_character_that_fits)
{
	static const struct {
		const char *text;
		unsigned width;
		const char *expected;
	} rows[] = {
		{"abcdef", 3, "abc"},
		{"abc", 3, "abc"},
		{"abc", 80, "abc"},
		{"", 3, ""},
		{"/run/\xc3\xbc.sock", 6, "/run/\xc3\xbc"},
		/* Two columns each: half of one is none. */
		{"\xe4\xb8\xad\xe6\x96\x87", 3, "\xe4\xb8\xad"},
		/* A combining mark stays with its letter. */
		{"ae\xcc\x81o", 2, "ae\xcc\x81"},
		{"a\xff\xff", 2, "a\xff"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf text = {0};

		strbuf_puts(&text, rows[i].text);
		terminal_cut(&text, rows[i].width);
		expect_text(strbuf_text(&text), rows[i].expected);
		strbuf_finish(&text);
	}
}
