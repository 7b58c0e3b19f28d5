#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/manual.h"
#include "cmd/options.h"

Test(commands, are_found_by_name)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	cr_assert(ge(sz, count, 1));
	for (size_t i = 0; i < count; i++)
		cr_expect(commands_find(all[i]->name) == all[i], "%s", all[i]->name);
	cr_expect(commands_find("no-such-command") == NULL);
	cr_expect(commands_find("") == NULL);
}

Test(commands, suggest_the_nearest)
{
	static const char *const rows[][2] = {
		{"statsu", "status"}, {"lsit", "list"}, {"plna", "plan"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *near = manual_suggest(rows[i][0]);

		cr_expect(near && strcmp(near, rows[i][1]) == 0, "%s", rows[i][0]);
	}
	cr_expect(manual_suggest("xyzzy") == NULL);
}

Test(commands, are_not_planned_when_they_exist)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	for (size_t i = 0; i < count; i++)
		cr_expect(not(commands_is_planned(all[i]->name)), "%s", all[i]->name);
	cr_expect(commands_is_planned("doctor"));
	cr_expect(not(commands_is_planned("xyzzy")));
}

/* The rows and the paragraphs of the manual are the same commands in the same order. */
Test(commands, stand_in_the_manual)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	for (size_t i = 0; i < count; i++) {
		cr_assert(manual_commands[i].name != NULL, "%s", all[i]->name);
		cr_expect(eq(str, (char *)manual_commands[i].name, (char *)all[i]->name));
	}
	cr_expect(manual_commands[count].name == NULL);
}

/* Each option of a row stands in the manual's heading, and no other does. */
Test(commands, have_the_options_of_the_manual)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	for (size_t i = 0; i < count; i++) {
		const char *arguments = manual_find(all[i]->name)->arguments;
		const char *at = arguments;
		size_t rows = 0, named = 0;

		for (const struct option *row = all[i]->options; row && row->name; row++) {
			const char *bracket = strstr(arguments, row->name);

			if (row->kind == OPTION_LATER)
				continue;
			rows++;
			cr_expect(bracket && bracket[-1] == '[', "%s %s", all[i]->name, row->name);
		}
		for (; (at = strstr(at, "--")); at += 2)
			named++;
		cr_expect(eq(sz, named, rows), "%s", all[i]->name);
	}
}

/* Returns the length of the longest line, in bytes. */
static size_t longest_line(const char *text)
{
	size_t longest = 0;

	while (*text) {
		const size_t length = strcspn(text, "\n");

		longest = length > longest ? length : longest;
		text += length + (text[length] == '\n');
	}
	return longest;
}

/* Nothing of scdoc is left in the help; "*web*" and "_" of names are not of scdoc. */
Test(commands, help_is_plain_text_of_80_columns)
{
	for (const struct manual_row *row = manual_commands; row->name; row++) {
		cr_expect(ge(sz, strlen(row->summary), 1), "%s", row->name);
		cr_expect(lt(sz, strlen(row->summary), 80 - strlen("  version  ")), "%s",
			  row->name);
		cr_expect(ge(sz, longest_line(row->text), 1), "%s", row->name);
		cr_expect(le(sz, longest_line(row->text), 80), "%s", row->name);
		cr_expect(strpbrk(row->text, "*\\\t") == NULL, "%s", row->name);
	}
	cr_expect(strstr(manual_find("check")->text, "allow_lints") != NULL);
	cr_expect(eq(str, (char *)manual_find("list")->arguments, "[--long]"));
	cr_expect(eq(str, (char *)manual_options[0].name, "-f, --file FILE"));
}

Test(commands, roles_are_not_for_people)
{
	cr_expect(roles_find("--supervisor") != NULL);
	cr_expect(roles_find("--holder") != NULL);
	cr_expect(roles_find("--help") == NULL);
	cr_expect(roles_find("up") == NULL);
}
