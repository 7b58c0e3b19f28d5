#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "cmd/options.h"

/* A command line as main gets it, without the program's name; NULL ends it. */
#define ARGUMENTS_MAX 40

struct taken {
	int status;
	int argc;
	char *argv[ARGUMENTS_MAX + 2];
	struct options options;
};

/* Runs options_take(). The program's name is put in front. */
static struct taken take(const char *const *arguments)
{
	static char program[] = "tunplan";
	struct taken taken = {.argc = 1, .argv = {program}};

	for (size_t i = 0; arguments[i]; i++)
		taken.argv[taken.argc++] = (char *)arguments[i];
	taken.status = options_take(&taken.argc, taken.argv, &taken.options);
	return taken;
}

Test(options, stand_before_and_after_the_command)
{
	static const char *const lines[][ARGUMENTS_MAX] = {
		{"-f", "net.yaml", "--me", "gw", "--json", "plan", "web"},
		{"plan", "-f", "net.yaml", "--me", "gw", "--json", "web"},
		{"plan", "web", "--json", "--file", "net.yaml", "--me=gw"},
		{"-fnet.yaml", "plan", "--me=gw", "web", "--json"},
		{"--file=net.yaml", "plan", "web", "--json", "--me", "gw"},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct taken taken = take(lines[i]);

		cr_assert(eq(int, taken.status, EXIT_DONE), "line %zu", i);
		cr_assert(eq(int, taken.argc, 3), "line %zu", i);
		cr_expect(eq(str, taken.argv[1], "plan"), "line %zu", i);
		cr_expect(eq(str, taken.argv[2], "web"), "line %zu", i);
		cr_expect(taken.argv[3] == NULL, "line %zu", i);
		cr_expect(strcmp(taken.options.cli.file, "net.yaml") == 0, "line %zu", i);
		cr_expect(strcmp(taken.options.cli.me, "gw") == 0, "line %zu", i);
		cr_expect(taken.options.cli.json, "line %zu", i);
	}
}

Test(options, places_add_up)
{
	const char *const line[] = {"--place", "office", "plan", "--place=vpn", "web", NULL};
	const char *const plain[] = {"plan", "web", NULL};
	struct taken taken = take(line);

	cr_assert(eq(int, taken.status, EXIT_DONE));
	cr_assert(eq(int, taken.argc, 3));
	cr_assert(eq(sz, taken.options.cli.place_count, 2));
	cr_expect(eq(str, (char *)taken.options.cli.places[0], "office"));
	cr_expect(eq(str, (char *)taken.options.cli.places[1], "vpn"));
	cr_expect(eq(sz, take(plain).options.cli.place_count, 0));
}

Test(options, places_have_an_end)
{
	const char *line[ARGUMENTS_MAX + 1] = {0};

	cr_assert(freopen("/dev/null", "w", stderr) != NULL);
	for (size_t i = 0; i < CLI_PLACES_MAX; i++)
		line[i] = "--place=office";
	cr_expect(eq(int, take(line).status, EXIT_DONE));
	line[CLI_PLACES_MAX] = "--place=office";
	cr_expect(eq(int, take(line).status, EXIT_USAGE));
}

Test(options, trust_only_when_told)
{
	const char *const plain[] = {"list", NULL};
	const char *const told[] = {"list", "--trust-file", NULL};

	cr_expect(not(take(plain).options.cli.trust_file));
	cr_expect(take(told).options.cli.trust_file);
}

Test(options, end_at_two_dashes)
{
	const char *const line[] = {"lab", "exec", "you", "--", "ls", "--json", "-f", NULL};
	struct taken taken = take(line);

	cr_assert(eq(int, taken.status, EXIT_DONE));
	cr_expect(eq(int, taken.argc, 8));
	cr_expect(not(taken.options.cli.json));
	cr_expect(taken.options.cli.file == NULL);
}

Test(options, leave_the_commands_own_alone)
{
	const char *const line[] = {"up", "--timeout", "5", "--dry-run", "web", NULL};
	struct taken taken = take(line);

	cr_assert(eq(int, taken.status, EXIT_DONE));
	cr_expect(eq(int, taken.argc, 6));
}

Test(options, colors)
{
	static const struct {
		const char *when;
		enum cli_color color;
	} rows[] = {{"auto", COLOR_AUTO}, {"always", COLOR_ALWAYS}, {"never", COLOR_NEVER}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *const line[] = {"--color", rows[i].when, "list", NULL};
		struct taken taken = take(line);

		cr_assert(eq(int, taken.status, EXIT_DONE), "%s", rows[i].when);
		cr_expect(eq(int, taken.options.cli.color, rows[i].color), "%s", rows[i].when);
	}
}

Test(options, wrong_ones_are_usage_errors)
{
	static const char *const lines[][ARGUMENTS_MAX] = {
		{"--no-such-option", "list"},
		{"--colour", "list"},
		{"list", "-f"},
		{"list", "--me="},
		{"list", "--place="},
		{"list", "--place"},
		{"--json=yes"},
		{"--trust-file=yes"},
		{"--color", "pink", "list"},
	};

	cr_assert(freopen("/dev/null", "w", stderr) != NULL);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cr_expect(eq(int, take(lines[i]).status, EXIT_USAGE), "line %zu", i);
}
