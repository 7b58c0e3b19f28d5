#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/manual.h"
#include "cmd/options.h"

/* A command line as main gets it, without the program's name; NULL ends it. */
#define ARGUMENTS_MAX 80

struct taken {
	int status;
	int argc;
	char *argv[ARGUMENTS_MAX + 2];
	struct options options;
};

/* Runs options_take_common(). The program's name is put in front. */
static struct taken take(const char *const *arguments)
{
	static char program[] = "tunplan";
	struct taken taken = {.argc = 1, .argv = {program}};

	for (size_t i = 0; arguments[i]; i++)
		taken.argv[taken.argc++] = (char *)arguments[i];
	taken.status = options_take_common(&taken.argc, taken.argv, &taken.options);
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
	cr_assert(eq(sz, taken.options.cli.places.count, 2));
	cr_expect(eq(str, (char *)taken.options.cli.places.items[0], "office"));
	cr_expect(eq(str, (char *)taken.options.cli.places.items[1], "vpn"));
	cr_expect(eq(sz, take(plain).options.cli.places.count, 0));
}

Test(options, places_have_an_end)
{
	const char *line[ARGUMENTS_MAX + 1] = {0};

	cr_assert(freopen("/dev/null", "w", stderr) != NULL);
	for (size_t i = 0; i < OPTION_LIST_MAX; i++)
		line[i] = "--place=office";
	cr_expect(eq(int, take(line).status, EXIT_DONE));
	line[OPTION_LIST_MAX] = "--place=office";
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

/* --- those of a command */

struct own {
	bool flag;
	size_t number;
	int ms;
	struct option_list list;
	const char *text;
};

static const struct option own_options[] = {
	{"--flag", .offset = offsetof(struct own, flag), .short_name = "-l"},
	{"--number", .kind = OPTION_NUMBER, .offset = offsetof(struct own, number),
	 .wants = "a number", .max = 100},
	{"--seconds", .kind = OPTION_SECONDS, .offset = offsetof(struct own, ms),
	 .wants = "seconds", .max = 60},
	{"--list", .kind = OPTION_LIST, .offset = offsetof(struct own, list), .wants = "a host"},
	{"--text", .kind = OPTION_TEXT, .offset = offsetof(struct own, text), .wants = "a text",
	 .short_name = "-t"},
	{"--later", .kind = OPTION_LATER},
	{0},
};

static const struct command own_command = {"up", NULL, 2, own_options};

/* Runs options_take(); argv[0] is the command's name. */
static struct taken take_own(const char *const *arguments, struct own *ret_own)
{
	static char name[] = "up";
	struct taken taken = {.argc = 1, .argv = {name}};

	*ret_own = (struct own){.ms = -1};
	for (size_t i = 0; arguments[i]; i++)
		taken.argv[taken.argc++] = (char *)arguments[i];
	taken.status = options_take(&own_command, ret_own, &taken.argc, taken.argv);
	return taken;
}

Test(options, of_a_command_go_to_its_fields)
{
	static const char *const lines[][ARGUMENTS_MAX] = {
		{"a", "--flag", "--number", "7", "b", "--seconds", "1.5", "--list", "x", "--list",
		 "y", "--text", "t"},
		{"-l", "--number=7", "--seconds=1.5", "--list=x", "--list=y", "-tt", "a", "b"},
		{"-l", "--number=3", "--number=7", "-t", "t", "--list=x", "a", "--seconds=1.5",
		 "--list=y", "--", "b"},
	};
	struct own own;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct taken taken = take_own(lines[i], &own);

		cr_assert(eq(int, taken.status, EXIT_DONE), "line %zu", i);
		cr_assert(eq(int, taken.argc, 3), "line %zu", i);
		cr_expect(eq(str, taken.argv[1], "a"), "line %zu", i);
		cr_expect(eq(str, taken.argv[2], "b"), "line %zu", i);
		cr_expect(taken.argv[3] == NULL, "line %zu", i);
		cr_expect(own.flag, "line %zu", i);
		cr_expect(eq(sz, own.number, 7), "line %zu", i);
		cr_expect(eq(int, own.ms, 1500), "line %zu", i);
		cr_assert(eq(sz, own.list.count, 2), "line %zu", i);
		cr_expect(eq(str, (char *)own.list.items[1], "y"), "line %zu", i);
		cr_expect(eq(str, (char *)own.text, "t"), "line %zu", i);
	}
}

Test(options, behind_two_dashes_are_words)
{
	const char *const line[] = {"-", "--", "--flag", NULL};
	struct own own;
	struct taken taken = take_own(line, &own);

	cr_assert(eq(int, taken.status, EXIT_DONE));
	cr_assert(eq(int, taken.argc, 3));
	cr_expect(eq(str, taken.argv[1], "-"));
	cr_expect(eq(str, taken.argv[2], "--flag"));
	cr_expect(not(own.flag));
	cr_expect(eq(int, own.ms, -1));
}

/* What is said of a wrong line: the first on stderr. */
Test(options, wrong_ones_of_a_command_are_told)
{
	static const struct {
		const char *line[4];
		const char *said;
	} rows[] = {
		{{"--flga"}, "unknown option '--flga'; did you mean '--flag'?"},
		{{"--numbr=3"}, "unknown option '--numbr=3'; did you mean '--number'?"},
		{{"--jsno"}, "unknown option '--jsno'; did you mean '--json'?"},
		{{"--num"}, "unknown option '--num'"},
		{{"--flags=1"}, "unknown option '--flags=1'; did you mean '--flag'?"},
		{{"a", "-x"}, "unknown option '-x'"},
		{{"-lx"}, "unknown option '-lx'"},
		{{"a", "b", "c"}, "unknown argument 'c'"},
		{{"--flag=yes"}, "--flag takes no value"},
		{{"--number"}, "--number wants a number from 0 to 100"},
		{{"--number", ""}, "--number wants a number from 0 to 100"},
		{{"--number", "101"}, "--number wants a number from 0 to 100, not '101'"},
		{{"--number", "-1"}, "--number wants a number from 0 to 100, not '-1'"},
		{{"--number", " 1"}, "--number wants a number from 0 to 100, not ' 1'"},
		{{"--number=+1"}, "--number wants a number from 0 to 100, not '+1'"},
		{{"--number=7x"}, "--number wants a number from 0 to 100, not '7x'"},
		{{"--number=99999999999999999999"},
		 "--number wants a number from 0 to 100, not '99999999999999999999'"},
		{{"--seconds"}, "--seconds wants seconds from 0.001 to 60"},
		{{"--seconds=0"}, "--seconds wants seconds from 0.001 to 60, not '0'"},
		{{"--seconds=0.0005"}, "--seconds wants seconds from 0.001 to 60, not '0.0005'"},
		{{"--seconds=61"}, "--seconds wants seconds from 0.001 to 60, not '61'"},
		{{"--seconds", " 1"}, "--seconds wants seconds from 0.001 to 60, not ' 1'"},
		{{"--seconds=0x1"}, "--seconds wants seconds from 0.001 to 60, not '0x1'"},
		{{"--seconds=1e1"}, "--seconds wants seconds from 0.001 to 60, not '1e1'"},
		{{"--seconds=1.2.3"}, "--seconds wants seconds from 0.001 to 60, not '1.2.3'"},
		{{"--seconds=."}, "--seconds wants seconds from 0.001 to 60, not '.'"},
		{{"--seconds=nan"}, "--seconds wants seconds from 0.001 to 60, not 'nan'"},
		{{"--list="}, "--list wants a host"},
		{{"--later"}, "--later is not in this version yet"},
	};
	char path[] = "/tmp/test-options.XXXXXX", text[300], expected[300];
	const int fd = mkstemp(path);
	struct own own;

	cr_assert(ge(int, fd, 0));
	remove(path);
	cr_assert(ge(int, dup2(fd, STDERR_FILENO), 0));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ssize_t size;

		cr_assert(eq(int, ftruncate(fd, 0), 0));
		lseek(fd, 0, SEEK_SET);
		cr_expect(eq(int, take_own(rows[i].line, &own).status, EXIT_USAGE), "row %zu", i);
		fflush(stderr);
		size = pread(fd, text, sizeof(text) - 1, 0);
		cr_assert(ge(long, size, 0));
		text[size] = '\0';
		snprintf(expected, sizeof(expected), "tunplan: %s\nusage: tunplan up %s\n",
			 rows[i].said, manual_find("up")->arguments);
		cr_expect(eq(str, text, expected), "row %zu", i);
	}
}
