#include "topology/base/utf8.h"

#include <string.h>

/* A range of code points, both ends included. */
struct range {
	uint32_t first;
	uint32_t last;
};

/* Drawn on top of the character before them: the blocks of combining marks that occur in text. */
static const struct range combining[] = {
	{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
	{0x0900, 0x0902}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},
	{0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x2064}, {0x20d0, 0x20ff},
	{0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
};

/* East Asian Wide and Fullwidth (UAX #11), and the pictures that terminals draw wide. */
static const struct range wide[] = {
	{0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x25fd, 0x25fe},
	{0x2614, 0x2615},   {0x2648, 0x2653},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},
	{0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},   {0x274c, 0x274c},
	{0x2753, 0x2755},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
	{0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
	{0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
	{0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff},
	{0x20000, 0x2fffd}, {0x30000, 0x3fffd},
};

/* Marks that reorder the text around them: they could make a message say something else. */
static const struct range reordering[] = {
	{0x200e, 0x200f},
	{0x202a, 0x202e},
	{0x2066, 0x2069},
};

static bool contains(const struct range *ranges, size_t count, uint32_t point)
{
	for (size_t i = 0; i < count && ranges[i].first <= point; i++) {
		if (point <= ranges[i].last)
			return true;
	}
	return false;
}

#define CONTAINS(ranges, point) contains(ranges, sizeof(ranges) / sizeof((ranges)[0]), point)

/* The forms of RFC 3629, by the first byte. */
struct form {
	unsigned char first;
	unsigned char last;
	unsigned char size; /* bytes */
	uint32_t least;     /* smaller code points are overlong in this form */
};

static const struct form forms[] = {
	{0x00, 0x7f, 1, 0},
	{0xc2, 0xdf, 2, 0x80},
	{0xe0, 0xef, 3, 0x800},
	{0xf0, 0xf4, 4, 0x10000},
};

static const struct form *form_of(unsigned char byte)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (byte >= forms[i].first && byte <= forms[i].last)
			return &forms[i];
	}
	return NULL;
}

size_t utf8_decode(const char *text, size_t size, uint32_t *ret_point)
{
	const unsigned char *bytes = (const unsigned char *)text;
	const struct form *form = form_of(bytes[0]);
	uint32_t point;

	*ret_point = UTF8_INVALID;
	if (!form || form->size > size)
		return 1;
	point = form->size == 1 ? bytes[0] : bytes[0] & (0x7fu >> form->size);
	for (size_t i = 1; i < form->size; i++) {
		if (!utf8_is_inside(text[i]))
			return 1;
		point = point << 6 | (bytes[i] & 0x3f);
	}
	if (point < form->least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 1;
	*ret_point = point;
	return form->size;
}

size_t utf8_length(const char *text, size_t size)
{
	size_t length = 0;
	uint32_t point;

	for (size_t i = 0; i < size; i += utf8_decode(text + i, size - i, &point))
		length++;
	return length;
}

unsigned utf8_width(uint32_t point)
{
	if (point < 0x300)
		return 1;
	if (CONTAINS(combining, point))
		return 0;
	return CONTAINS(wide, point) ? 2 : 1;
}

bool utf8_printable(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == UTF8_INVALID)
		return false;
	return !CONTAINS(reordering, point) && !utf8_line_break(point);
}

bool utf8_line_break(uint32_t point)
{
	return point == '\n' || point == '\r' || point == 0x85 || point == 0x2028 ||
	       point == 0x2029;
}

size_t utf8_mark_size(const char *text, size_t size)
{
	return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}
