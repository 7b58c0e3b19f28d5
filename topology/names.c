#include "topology/names.h"

#include <stdlib.h>
#include <string.h>

void names_init(struct names *names, struct arena *arena, size_t count)
{
	names->entries = arena_array(arena, count, sizeof(*names->entries));
	names->count = count;
}

/* FNV-1a, 32 bits. */
static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261u;

	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	return hash;
}

void names_set(struct names *names, size_t index, const char *name)
{
	names->entries[index] = (struct names_entry){name, hash_name(name), (uint32_t)index};
}

static int compare_names(const struct names_entry *a, const struct names_entry *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int compare_entries(const void *left, const void *right)
{
	const struct names_entry *a = left, *b = right;
	const int names = compare_names(a, b);

	return names ? names : (a->index > b->index) - (a->index < b->index);
}

void names_sort(struct names *names)
{
	qsort(names->entries, names->count, sizeof(*names->entries), compare_entries);
}

size_t names_find(const struct names *names, const char *name)
{
	const struct names_entry wanted = {name, hash_name(name), 0};
	size_t low = 0, high = names->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (compare_names(&names->entries[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == names->count || compare_names(&names->entries[low], &wanted) != 0)
		return NAMES_NONE;
	return names->entries[low].index;
}
