#include "planner/reach/ranges.h"

#include "topology/model/range_index.h"

/* Entries are sorted by so many bits at a time. */
#define DIGIT_BITS   11
#define DIGIT_VALUES (1u << DIGIT_BITS)

void ranges_reserve(struct ranges *ranges, struct arena *arena, uint8_t family, size_t count)
{
	struct ranges_family *in = &ranges->families[family];

	in->entries = arena_array(arena, count, sizeof(*in->entries));
	in->room = count;
}

void ranges_add(struct ranges *ranges, struct arena *arena, uint8_t family, uint64_t high,
		size_t number)
{
	struct ranges_family *in = &ranges->families[family];

	in->entries = arena_extend(arena, in->entries, &in->room, in->count, sizeof(*in->entries));
	in->entries[in->count++] = (struct ranges_entry){high, (uint32_t)number};
	in->varying |= high ^ in->entries[0].high;
}

/* --- sorting */

static void sort_digit(const struct ranges_entry *from, struct ranges_entry *to, size_t count,
		       unsigned shift)
{
	uint32_t starts[DIGIT_VALUES + 1] = {0};

	for (size_t i = 0; i < count; i++)
		starts[(from[i].high >> shift) % DIGIT_VALUES + 1]++;
	for (size_t value = 1; value <= DIGIT_VALUES; value++)
		starts[value] += starts[value - 1];
	for (size_t i = 0; i < count; i++)
		to[starts[(from[i].high >> shift) % DIGIT_VALUES]++] = from[i];
}

/* Sorts by one digit after the other, from the lowest bit on in which any two differ. */
static void sort(struct ranges_family *family, struct arena *arena)
{
	struct ranges_entry *other = arena_array(arena, family->count, sizeof(*other));
	unsigned shift = 0;

	while (shift < 64 && family->varying >> shift) {
		struct ranges_entry *sorted = other;

		if (!(family->varying >> shift & 1)) {
			shift++;
			continue;
		}
		sort_digit(family->entries, sorted, family->count, shift);
		other = family->entries;
		family->entries = sorted;
		shift += DIGIT_BITS;
	}
}

void ranges_sort(struct ranges *ranges, struct arena *arena)
{
	for (size_t f = 0; f <= ADDRESS_IPV6; f++)
		sort(&ranges->families[f], arena);
}

/* --- looking up */

/* Returns the first entry that is not below a number. */
static size_t first_from(const struct ranges_family *family, uint64_t high)
{
	size_t low = 0, end = family->count;

	while (low < end) {
		const size_t middle = low + (end - low) / 2;

		if (family->entries[middle].high < high)
			low = middle + 1;
		else
			end = middle;
	}
	return low;
}

const struct ranges_entry *ranges_in(const struct ranges *ranges, const struct cidr *range,
				     size_t *ret_count)
{
	const struct ranges_family *family = &ranges->families[range->family];
	const uint64_t first = range_bits(range->bytes) & range_mask(range->prefix, 0);
	const uint64_t last = first | ~range_mask(range->prefix, 0);
	const size_t begin = first_from(family, first);
	const size_t end = last == UINT64_MAX ? family->count : first_from(family, last + 1);

	*ret_count = end - begin;
	return family->entries + begin;
}
