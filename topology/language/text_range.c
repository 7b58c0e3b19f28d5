#include "topology/language/text_range.h"

#include <inttypes.h>
#include <string.h>

/* Reads digits; returns how many there are, or 0 where there are too many. */
static size_t read_number(const char *text, uint32_t *ret_number)
{
	const size_t digits = strspn(text, "0123456789");
	uint32_t number = 0;

	if (digits > 9)
		return 0;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (uint32_t)(text[i] - '0');
	*ret_number = number;
	return digits;
}

bool text_range_read(const char *text, struct text_range *ret_range)
{
	const char *open = strchr(text, '[');
	const char *close = open ? strchr(open, ']') : NULL;
	size_t width, last_width;
	uint32_t first, last;

	if (!close || strpbrk(close + 1, "[]"))
		return false;
	width = read_number(open + 1, &first);
	if (!width || open[1 + width] != '-')
		return false;
	last_width = read_number(open + width + 2, &last);
	if (!last_width || open + width + 2 + last_width != close || last < first ||
	    last - first >= TEXT_RANGE_MAX)
		return false;
	*ret_range = (struct text_range){
		.text = text,
		.open = (size_t)(open - text),
		.behind = (size_t)(close + 1 - text),
		.first = first,
		.count = last - first + 1,
		.width = (int)width,
	};
	return true;
}

const char *text_range_item(const struct text_range *range, uint32_t index, struct arena *arena)
{
	return arena_format(arena, "%.*s%0*" PRIu32 "%s", (int)range->open, range->text,
			    range->width, range->first + index, range->text + range->behind);
}
