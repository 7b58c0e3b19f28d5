/*
 * The fuzzer's dictionary has every word that the parser's tables have; without it a new key would
 * be fuzzed only after the fuzzer has guessed its name.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "cmd/read_file.h"
#include "topology/language/parse.h"

static struct arena arena;
static const char *dictionary;

static void read_dictionary(void)
{
	const char *reason;
	size_t size;

	cr_assert(read_file("tests/fuzz/topology.dict", &arena, &dictionary, &size, &reason));
}

static void forget_dictionary(void)
{
	arena_finish(&arena);
}

TestSuite(dictionary, .init = read_dictionary, .fini = forget_dictionary);

/* An entry is a line of its own: "WORD", or "KEY:". */
static void expect_entry(const char *word, const char *behind)
{
	const char *line = arena_format(&arena, "\n\"%s%s\"\n", word, behind);

	cr_expect(strstr(dictionary, line) != NULL, "tests/fuzz/topology.dict lacks \"%s%s\"", word,
		  behind);
}

static void expect_key(const struct key *key)
{
	expect_entry(key->name, ":");
	for (const struct key_choice *choice = key->choices; choice && choice->word; choice++)
		expect_entry(choice->word, "");
}

Test(dictionary, has_every_key_and_its_words)
{
	const struct key_table *table;

	for (size_t i = 0; (table = parse_table(i)); i++) {
		for (size_t j = 0; j < table->count; j++)
			expect_key(&table->keys[j]);
	}
}
