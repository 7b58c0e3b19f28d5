#include "topology/model/range_index.h"

#include <stdlib.h>

#include "topology/base/arena.h"

uint64_t range_mask(unsigned prefix, unsigned from)
{
	if (prefix <= from)
		return 0;
	return prefix - from >= 64 ? UINT64_MAX : ~(UINT64_MAX >> (prefix - from));
}

void range_index_add(struct range_index *index, const struct cidr *range, size_t owner,
		     struct arena *arena)
{
	index->entries = arena_extend(arena, index->entries, &index->room, index->count,
				      sizeof(*index->entries));
	index->entries[index->count++] = (struct range_entry){
		.high = range_bits(range->bytes),
		.low = range_bits(range->bytes + 8),
		.owner = (uint32_t)owner,
		.family = range->family,
		.prefix = range->prefix,
	};
}

static int compare_addresses(const struct range_entry *entry, uint64_t high, uint64_t low)
{
	if (entry->high != high)
		return entry->high < high ? -1 : 1;
	return (entry->low > low) - (entry->low < low);
}

static int compare_entries(const void *left, const void *right)
{
	const struct range_entry *a = left, *b = right;
	int order = a->family - b->family;

	if (order == 0)
		order = a->prefix - b->prefix;
	if (order == 0)
		order = compare_addresses(a, b->high, b->low);
	return order ? order : (a->owner > b->owner) - (a->owner < b->owner);
}

void range_index_sort(struct range_index *index, struct arena *arena)
{
	struct range_group *group = NULL;

	if (index->count)
		qsort(index->entries, index->count, sizeof(*index->entries), compare_entries);
	for (size_t i = 0; i < index->count; i++) {
		const struct range_entry *entry = &index->entries[i];

		if (!group || group->family != entry->family || group->prefix != entry->prefix) {
			group = ARENA_PUSH(arena, index->groups, index->group_count);
			*group = (struct range_group){i, i, entry->family, entry->prefix};
		}
		group->end = i + 1;
	}
}

size_t range_index_from(const struct range_index *index, const struct range_group *group,
			uint64_t high, uint64_t low)
{
	size_t first = group->first, end = group->end;

	while (first < end) {
		const size_t middle = first + (end - first) / 2;

		if (compare_addresses(&index->entries[middle], high, low) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

const struct range_entry *range_index_find(const struct range_index *index,
					   const struct range_group *group, uint64_t high,
					   uint64_t low, size_t *ret_count)
{
	size_t first, end;

	high &= range_mask(group->prefix, 0);
	low &= range_mask(group->prefix, 64);
	first = end = range_index_from(index, group, high, low);
	while (end < group->end && compare_addresses(&index->entries[end], high, low) == 0)
		end++;
	*ret_count = end - first;
	return index->entries + first;
}
