#include "topology/base/utf8.h"

#include <criterion/criterion.h>
#include <string.h>

struct row {
	const char *bytes;
	uint32_t point;
	size_t used;
};

Test(utf8, decodes_what_rfc_3629_allows)
{
	static const struct row rows[] = {
		{"a", 'a', 1},
		{"\x7f", 0x7f, 1},
		{"\xc2\x80", 0x80, 2},
		{"\xdf\xbf", 0x7ff, 2},
		{"\xe0\xa0\x80", 0x800, 3},
		{"\xed\x9f\xbf", 0xd7ff, 3},
		{"\xef\xbf\xbf", 0xffff, 3},
		{"\xf0\x90\x80\x80", 0x10000, 4},
		{"\xf4\x8f\xbf\xbf", 0x10ffff, 4},
		{"\x80", UTF8_INVALID, 1},             /* a continuation alone */
		{"\xc0\x80", UTF8_INVALID, 1},         /* overlong */
		{"\xc1\xbf", UTF8_INVALID, 1},         /* overlong */
		{"\xe0\x9f\xbf", UTF8_INVALID, 1},     /* overlong */
		{"\xf0\x8f\xbf\xbf", UTF8_INVALID, 1}, /* overlong */
		{"\xed\xa0\x80", UTF8_INVALID, 1},     /* a surrogate */
		{"\xf4\x90\x80\x80", UTF8_INVALID, 1}, /* beyond U+10FFFF */
		{"\xe2\x82", UTF8_INVALID, 1},         /* cut off */
		{"\xe2\x28\xa1", UTF8_INVALID, 1},     /* a wrong continuation */
		{"\xff", UTF8_INVALID, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t point;
		const size_t used = utf8_decode(rows[i].bytes, strlen(rows[i].bytes), &point);

		cr_expect(used == rows[i].used && point == rows[i].point, "row %zu: %x", i, point);
	}
}

Test(utf8, counts_code_points)
{
	cr_expect(utf8_length("", 0) == 0);
	cr_expect(utf8_length("h\xc3\xa9\xe6\x97\xa5", 6) == 3);
	cr_expect(utf8_length("\xff\xff", 2) == 2);
}

Test(utf8, knows_widths)
{
	cr_expect(utf8_width('a') == 1);
	cr_expect(utf8_width(0xe9) == 1);    /* é */
	cr_expect(utf8_width(0x301) == 0);   /* a combining accent */
	cr_expect(utf8_width(0x65e5) == 2);  /* 日 */
	cr_expect(utf8_width(0xac00) == 2);  /* 가 */
	cr_expect(utf8_width(0x1f600) == 2); /* a face */
	cr_expect(utf8_width(0x2192) == 1);  /* an arrow */
}

Test(utf8, keeps_from_the_terminal_what_would_upset_it)
{
	static const uint32_t bad[] = {0,      '\n',   0x1b,   0x7f,        0x9b,
				       0x202e, 0x2066, 0x2028, UTF8_INVALID};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect(!utf8_printable(bad[i]), "U+%04X", bad[i]);
	cr_expect(utf8_printable(' ') && utf8_printable(0xe9) && utf8_printable(0x65e5));
}
