#include "topology/diag/suggest.h"

#include <string.h>

/* Longer names get no suggestion: nobody types them, and the rows below stay on the stack. */
#define LENGTH_MAX 64

void suggest_init(struct suggest *suggest, const char *wanted)
{
	const size_t length = strlen(wanted);

	*suggest = (struct suggest){.wanted = wanted};
	if (length <= LENGTH_MAX)
		suggest->distance = (length < 3 ? 1 : length / 3) + 1;
}

static char lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static size_t least(size_t a, size_t b, size_t c)
{
	const size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Fills the row of the distance matrix for b[j - 1] from the two rows above it. */
static void fill_row(const char *a, const char *b, size_t j, size_t (*rows)[LENGTH_MAX + 1])
{
	const size_t *before = rows[(j + 1) % 3], *above = rows[(j + 2) % 3];
	size_t *row = rows[j % 3];

	row[0] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		const char x = lower(a[i - 1]), y = lower(b[j - 1]);

		row[i] = least(above[i] + 1, row[i - 1] + 1, above[i - 1] + (x != y));
		if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y)
			row[i] = least(row[i], before[i - 2] + 1, row[i]);
	}
}

static size_t distance(const char *a, const char *b)
{
	size_t rows[3][LENGTH_MAX + 1] = {{0}};
	const size_t a_length = strlen(a), b_length = strlen(b);

	for (size_t i = 0; i <= a_length; i++)
		rows[0][i] = i;
	for (size_t j = 1; j <= b_length; j++)
		fill_row(a, b, j, rows);
	return rows[b_length % 3][a_length];
}

void suggest_offer(struct suggest *suggest, const char *name, size_t index)
{
	const size_t wanted = strlen(suggest->wanted), length = strlen(name);
	const size_t apart = wanted > length ? wanted - length : length - wanted;
	size_t found;

	/* The lengths alone often say that it is too far: most of a large file ends here. */
	if (apart >= suggest->distance || length > LENGTH_MAX)
		return;
	found = distance(suggest->wanted, name);
	if (found >= suggest->distance)
		return;
	suggest->best = name;
	suggest->index = index;
	suggest->distance = found;
}
