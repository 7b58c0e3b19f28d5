#include "tests/random/shuffle.h"

#include <string.h>

#include "tests/random/shrink.h"

#define SHUFFLE_MOST 64

void shuffle_blocks(struct dice *dice, const char *text, size_t length, struct strbuf *out)
{
	size_t from[SHUFFLE_MOST], to[SHUFFLE_MOST], count = 0;
	const bool is_list = text[shrink_indent(text)] == '-';

	for (size_t at = 0; at < length && count < SHUFFLE_MOST; count++) {
		from[count] = at;
		at = to[count] = shrink_block(text, at);
	}
	for (size_t i = count; i-- > 1 && !is_list;) {
		const size_t j = lists(dice, (unsigned)i + 1);
		const size_t kept_from = from[i], kept_to = to[i];

		from[i] = from[j];
		to[i] = to[j];
		from[j] = kept_from;
		to[j] = kept_to;
	}
	for (size_t i = 0; i < count; i++) {
		const size_t line = from[i] + strcspn(text + from[i], "\n") + 1;

		strbuf_add(out, text + from[i], line - from[i]);
		/* What is under an entry of a list belongs to its line. */
		if (is_list)
			strbuf_add(out, text + line, to[i] - line);
		else if (to[i] > line)
			shuffle_blocks(dice, text + line, to[i] - line, out);
	}
}
