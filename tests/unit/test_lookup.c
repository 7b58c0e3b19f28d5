#include "topology/base/lookup.h"

#include <criterion/criterion.h>

static const char *const words[] = {"web", "db", "gw", "db", "", "a-long-name.example.org", "web"};

#define COUNT (sizeof(words) / sizeof(words[0]))

Test(lookup, finds_the_first_of_a_name)
{
	static const size_t expected[COUNT] = {0, 1, 2, 1, 4, 5, 0};
	struct arena arena = {0};
	struct lookup lookup;

	lookup_init(&lookup, &arena, COUNT);
	for (size_t i = COUNT; i-- > 0;)
		lookup_add(&lookup, i, words[i]);
	lookup_sort(&lookup);
	for (size_t i = 0; i < COUNT; i++)
		cr_expect(lookup_find(&lookup, words[i]) == expected[i], "%s", words[i]);
	cr_expect(lookup_find(&lookup, "we") == LOOKUP_NONE);
	cr_expect(lookup_find(&lookup, "webs") == LOOKUP_NONE);
	arena_finish(&arena);
}

/* Of so many names, some have the same hash of 32 bits; all but surely so. */
#define MANY ((size_t)400000)

Test(lookup, tells_names_of_one_hash_apart)
{
	struct arena arena = {0};
	struct lookup lookup;
	const char **names = arena_array(&arena, MANY, sizeof(*names));
	size_t collisions = 0, found = 0;

	lookup_init(&lookup, &arena, MANY);
	for (size_t i = 0; i < MANY; i++) {
		names[i] = arena_format(&arena, "host-%zu", i);
		lookup_add(&lookup, i, names[i]);
	}
	lookup_sort(&lookup);
	cr_expect(!lookup.repeats);
	for (size_t i = 1; i < MANY; i++)
		collisions += lookup.entries[i - 1].hash == lookup.entries[i].hash;
	cr_expect(collisions > 0 && collisions < 100, "%zu collisions", collisions);
	for (size_t i = 0; i < MANY; i++)
		found += lookup_find(&lookup, names[i]) == i;
	cr_expect(found == MANY, "%zu of %zu found", found, MANY);
	arena_finish(&arena);
}

Test(lookup, finds_nothing_in_nothing)
{
	struct arena arena = {0};
	struct lookup lookup;

	lookup_init(&lookup, &arena, 0);
	lookup_sort(&lookup);
	cr_expect(lookup_find(&lookup, "a") == LOOKUP_NONE);
	arena_finish(&arena);
}
