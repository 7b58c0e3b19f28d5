#include "topology/lookup.h"

#include <stdlib.h>
#include <string.h>

void lookup_init(struct lookup *lookup, struct arena *arena, size_t count)
{
	lookup->entries = arena_array(arena, count, sizeof(*lookup->entries));
	lookup->count = count;
}

/* FNV-1a, 32 bits. */
static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	return hash;
}

void lookup_set(struct lookup *lookup, size_t index, const char *name)
{
	lookup->entries[index] = (struct lookup_entry){name, hash_name(name), (uint32_t)index};
}

static int compare_names(const struct lookup_entry *a, const struct lookup_entry *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int compare_entries(const void *left, const void *right)
{
	const struct lookup_entry *a = left, *b = right;
	const int names = compare_names(a, b);

	return names ? names : (a->index > b->index) - (a->index < b->index);
}

void lookup_sort(struct lookup *lookup)
{
	qsort(lookup->entries, lookup->count, sizeof(*lookup->entries), compare_entries);
}

size_t lookup_find(const struct lookup *lookup, const char *name)
{
	const struct lookup_entry wanted = {name, hash_name(name), 0};
	size_t low = 0, high = lookup->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (compare_names(&lookup->entries[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == lookup->count || compare_names(&lookup->entries[low], &wanted) != 0)
		return LOOKUP_NONE;
	return lookup->entries[low].index;
}
