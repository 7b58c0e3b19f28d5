#include "topology/base/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "topology/base/hash.h"
#include "topology/base/memory.h"

void lookup_init(struct lookup *lookup, struct arena *arena, size_t count)
{
	*lookup = (struct lookup){.arena = arena};
	lookup->entries = memory_array(count, sizeof(*lookup->entries));
}

void lookup_add_hashed(struct lookup *lookup, size_t index, const char *name, uint32_t hash)
{
	lookup->entries[lookup->count++] = (struct lookup_entry){name, hash, (uint32_t)index};
}

void lookup_add(struct lookup *lookup, size_t index, const char *name)
{
	lookup_add_hashed(lookup, index, name, text_hash(name, strlen(name)));
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

/* About one entry in a bucket. */
static unsigned shift_for(size_t count)
{
	unsigned bits = 1;

	while (bits < 24 && (size_t)1 << bits < count)
		bits++;
	return 32 - bits;
}

static size_t bucket_of(const struct lookup *lookup, uint32_t hash)
{
	return hash >> lookup->shift;
}

/* Moves the entries to their buckets, in the order in which they were added. */
static void distribute(struct lookup *lookup)
{
	const size_t buckets = (size_t)1 << (32 - lookup->shift);
	struct lookup_entry *sorted =
		arena_array(lookup->arena, lookup->count, sizeof(*lookup->entries));
	uint32_t *starts = arena_array(lookup->arena, buckets + 2, sizeof(*starts));

	/* Counted one place too far, so that filling moves each start to where it belongs. */
	for (size_t i = 0; i < lookup->count; i++)
		starts[bucket_of(lookup, lookup->entries[i].hash) + 2]++;
	for (size_t i = 2; i < buckets + 2; i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < lookup->count; i++)
		sorted[starts[bucket_of(lookup, lookup->entries[i].hash) + 1]++] =
			lookup->entries[i];
	free(lookup->entries);
	lookup->entries = sorted;
	lookup->starts = starts;
}

/* Beyond so many entries a bucket is sorted by qsort(); names made to collide fill one. */
#define INSERTED_MAX 8

static void insert(struct lookup_entry *entries, size_t count)
{
	const struct lookup_entry entry = entries[count];

	for (; count && compare_entries(&entries[count - 1], &entry) > 0; count--)
		entries[count] = entries[count - 1];
	entries[count] = entry;
}

/* Sorts a bucket, and notes whether a name is in it twice. */
static void sort_bucket(struct lookup *lookup, size_t start, size_t end)
{
	struct lookup_entry *entries = lookup->entries + start;
	const size_t count = end - start;

	for (size_t i = 1; i < count && count <= INSERTED_MAX; i++)
		insert(entries, i);
	if (count > INSERTED_MAX)
		qsort(entries, count, sizeof(*entries), compare_entries);
	for (size_t i = 1; i < count; i++)
		lookup->repeats |= compare_names(&entries[i - 1], &entries[i]) == 0;
}

void lookup_sort(struct lookup *lookup)
{
	size_t buckets;

	lookup->shift = shift_for(lookup->count);
	buckets = (size_t)1 << (32 - lookup->shift);
	distribute(lookup);
	for (size_t i = 0; i < buckets; i++)
		sort_bucket(lookup, lookup->starts[i], lookup->starts[i + 1]);
}

size_t lookup_find(const struct lookup *lookup, const char *name)
{
	const struct lookup_entry wanted = {name, text_hash(name, strlen(name)), 0};
	const size_t bucket = bucket_of(lookup, wanted.hash);
	size_t low = lookup->starts[bucket], high = lookup->starts[bucket + 1];
	size_t index = LOOKUP_NONE;

	/* Of several that have the name, the first one is the last that is found. */
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = compare_names(&lookup->entries[middle], &wanted);

		if (order < 0) {
			low = middle + 1;
			continue;
		}
		high = middle;
		if (order == 0)
			index = lookup->entries[middle].index;
	}
	return index;
}
