#include "cmd/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>

#include "topology/base/utf8.h"

unsigned terminal_width(int fd)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	long said = columns ? strtol(columns, NULL, 10) : 0;

	/* A terminal over a serial line says that it has none. */
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return said > 0 && said < 10000 ? (unsigned)said : 80;
}

void terminal_cut(struct strbuf *text, unsigned width)
{
	size_t at = 0;
	unsigned used = 0;

	while (at < text->length) {
		uint32_t point;
		size_t size = utf8_decode(text->text + at, text->length - at, &point);

		/* What the text has of bytes that are no UTF-8 takes a column each. */
		used += point == UTF8_INVALID ? 1 : utf8_width(point);
		if (used > width)
			break;
		at += size;
	}
	strbuf_cut(text, at);
}
