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
