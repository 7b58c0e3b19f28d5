#include "topology/lookup.h"

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

/* "costarring" and "liquid" are a known collision of 32-bit FNV-1a. */
Test(lookup, tells_names_of_one_hash_apart)
{
	struct arena arena = {0};
	struct lookup lookup;

	lookup_init(&lookup, &arena, 2);
	lookup_add(&lookup, 0, "costarring");
	lookup_add(&lookup, 1, "liquid");
	cr_assert(lookup.entries[0].hash == lookup.entries[1].hash);
	lookup_sort(&lookup);
	cr_expect(lookup_find(&lookup, "costarring") == 0);
	cr_expect(lookup_find(&lookup, "liquid") == 1);
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
