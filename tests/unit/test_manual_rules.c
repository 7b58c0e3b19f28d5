/*
 * Holds tunplan(7), the planner and its tests together: each rule of the manual is named by its
 * number in a comment of the planner and in the name of a test, and no rule is named that the
 * manual lacks.
 */
#include <ctype.h>
#include <glob.h>

#include "cmd/read_file.h"
#include "tests/unit/planning.h"

#define RULES_MAX 100

struct rules {
	bool named[RULES_MAX];
	unsigned last; /* the highest number that is named */
};

static void name_rule(struct rules *rules, unsigned long number)
{
	cr_assert(number > 0 && number < RULES_MAX, "rule %lu", number);
	rules->named[number] = true;
	if (number > rules->last)
		rules->last = (unsigned)number;
}

/* Reads the numbers behind "rule " or "rules ": "7, 11 and 12", "15 to 18"; elsewhere "_12_". */
static void read_numbers(const char *text, struct rules *rules)
{
	unsigned long before = 0;
	bool range = false;

	while (isdigit((unsigned char)*text)) {
		char *end;
		const unsigned long number = strtoul(text, &end, 10);

		for (unsigned long n = range ? before : number; n <= number; n++)
			name_rule(rules, n);
		before = number;
		range = strncmp(end, " to ", 4) == 0;
		text = end + strspn(end, ", ");
		if (strncmp(text, "and ", 4) == 0)
			text += 4;
		else if (range)
			text += 3;
		else if (end == text)
			return;
	}
}

/* Finds what is behind each occurrence of a word. */
static void find(const char *text, const char *word, struct rules *rules)
{
	for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
		read_numbers(at + strlen(word), rules);
}

static void read_files(const char *pattern, const char *const *words, struct rules *rules)
{
	glob_t files;

	if (glob(pattern, 0, NULL, &files) != 0)
		return; /* then no rule is named there, which is what the test is about */
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct arena arena = {0};
		const char *text, *reason;
		size_t size;

		cr_assert(read_file(files.gl_pathv[i], &arena, &text, &size, &reason));
		for (size_t w = 0; words[w]; w++)
			find(text, words[w], rules);
		arena_finish(&arena);
	}
	globfree(&files);
}

Test(manual_rules, are_in_the_code_and_in_tests)
{
	static const char *const spoken[] = {"rule ", "rules ", "Rule ", "Rules ", NULL};
	static const char *const begun[] = {"\n*", NULL};
	static const char *const tested[] = {"rule_", NULL};
	struct rules manual = {0}, code = {0}, tests = {0};

	read_files("planner/tunplan.7.scd", begun, &manual);
	read_files("planner/*.[ch]", spoken, &code);
	read_files("planner/*/*.[ch]", spoken, &code);
	read_files("tests/unit/test_*.c", tested, &tests);
	cr_assert(manual.last >= 30);
	for (unsigned n = 1; n <= manual.last; n++) {
		cr_expect(manual.named[n], "the manual has no rule %u", n);
		cr_expect(code.named[n], "no comment of the planner names rule %u", n);
		cr_expect(tests.named[n], "no test is of rule %u", n);
	}
	cr_expect(code.last <= manual.last, "the planner names rule %u", code.last);
	cr_expect(tests.last <= manual.last, "a test names rule %u", tests.last);
}
