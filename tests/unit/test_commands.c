#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/read_file.h"

Test(commands, are_found_by_name)
{
	size_t count;
	const struct command *all = commands_all(&count);

	cr_assert(gt(sz, count, 0));
	for (size_t i = 0; i < count; i++)
		cr_expect(commands_find(all[i].name) == &all[i], "%s", all[i].name);
	cr_expect(commands_find("no-such-command") == NULL);
	cr_expect(commands_find("") == NULL);
}

Test(commands, suggest_the_nearest)
{
	static const char *const rows[][2] = {
		{"statsu", "status"}, {"lsit", "list"}, {"plna", "plan"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *near = commands_suggest(rows[i][0]);

		cr_expect(near && strcmp(near, rows[i][1]) == 0, "%s", rows[i][0]);
	}
	cr_expect(commands_suggest("xyzzy") == NULL);
}

Test(commands, are_not_planned_when_they_exist)
{
	size_t count;
	const struct command *all = commands_all(&count);

	for (size_t i = 0; i < count; i++)
		cr_expect(not(commands_is_planned(all[i].name)), "%s", all[i].name);
	cr_expect(commands_is_planned("doctor"));
	cr_expect(not(commands_is_planned("xyzzy")));
}

/* Each command begins a paragraph of the manual: "*NAME*" at the start of a line. */
Test(commands, stand_in_the_manual)
{
	struct arena arena = {0};
	size_t count, size;
	const char *manual, *reason;
	const struct command *all = commands_all(&count);

	cr_assert(read_file("cmd/tunplan.1.scd", &arena, &manual, &size, &reason));
	for (size_t i = 0; i < count; i++) {
		const char *heading = arena_format(&arena, "\n*%s*", all[i].name);

		cr_expect(strstr(manual, heading) != NULL, "%s", all[i].name);
	}
	arena_finish(&arena);
}

Test(commands, roles_are_not_for_people)
{
	cr_expect(roles_find("--supervisor") != NULL);
	cr_expect(roles_find("--holder") != NULL);
	cr_expect(roles_find("--help") == NULL);
	cr_expect(roles_find("up") == NULL);
}
