#include "topology/base/hash.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 40

/* Two copies, so that it is the bytes that are compared; each ends where its allocation ends. */
static char *copy(const char *text, size_t size)
{
	return memcpy(malloc(size ? size : 1), text, size);
}

/* Every byte of a text of every size counts, and nothing behind it. */
Test(hash, sees_every_byte)
{
	char text[LONGEST];

	for (size_t i = 0; i < LONGEST; i++)
		text[i] = (char)('a' + i % 26);
	for (size_t size = 0; size <= LONGEST; size++) {
		char *a = copy(text, size), *b = copy(text, size);

		cr_expect(text_hash(a, size) == text_hash(b, size), "of %zu bytes", size);
		for (size_t at = 0; at < size; at++) {
			b[at] ^= 1;
			cr_expect(text_hash(a, size) != text_hash(b, size), "byte %zu of %zu", at,
				  size);
			b[at] ^= 1;
		}
		free(a);
		free(b);
	}
}

Test(hash, counts_a_NUL)
{
	cr_expect(text_hash("a\0", 2) != text_hash("a", 1));
}

/* The vectors of its authors: what is named by it is found by other versions. */
Test(hash, is_the_FNV_of_everybody_where_it_is_written_down)
{
	cr_expect(text_fnv1a("", 0) == UINT64_C(0xcbf29ce484222325));
	cr_expect(text_fnv1a("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
	cr_expect(text_fnv1a("foobar", 6) == UINT64_C(0x85944171f73967e8));
}
