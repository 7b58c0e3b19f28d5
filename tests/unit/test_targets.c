#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/targets.h"

static const char text[] = "tunplan: 1\n"
			   "vlans: {vlan1: , vlan2: 'fd00::/64'}\n"
			   "hosts:\n"
			   "  you: [vlan1]\n"
			   "  gate: [vlan1, vlan2]\n"
			   "  web: {vlans: [vlan2], services: {http: 80}}\n"
			   "tunnels:\n"
			   "  one: 8080 -> web/http\n"
			   "  two: 8081 -> web/http\n"
			   "  other: 8082 -> web/http\n"
			   "groups: {both: [one, two]}\n";

static char path[] = "/tmp/test-targets.XXXXXX";
static struct cli cli = {.file = path};
static struct loaded loaded;

static void write_file(void)
{
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	cr_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	cr_assert(freopen("/dev/null", "w", stderr) != NULL);
}

static void remove_file(void)
{
	loaded_finish(&loaded);
	remove(path);
}

TestSuite(targets, .init = write_file, .fini = remove_file);

Test(targets, tunnels_by_name_group_and_pattern_each_once)
{
	static const struct {
		const char *names[4];
		const char *expected[4];
	} rows[] = {
		{{"two"}, {"two"}},
		{{"two", "one", "two"}, {"two", "one"}},
		{{"both"}, {"one", "two"}},
		{{"two", "both"}, {"two", "one"}},
		{{"o*"}, {"one", "other"}},
		{{"b*"}, {"one", "two"}},
		{{"*"}, {"one", "two", "other"}},
		{{"t[w]o", "other"}, {"two", "other"}},
	};

	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char **names = (char **)rows[i].names;
		struct targets targets;
		size_t name_count = 0;

		while (names[name_count])
			name_count++;
		cr_assert(eq(int, targets_find(&cli, &loaded, names, name_count, false, &targets),
			     EXIT_DONE),
			  "row %zu", i);
		for (size_t j = 0; j < targets.count; j++)
			cr_expect(eq(str, (char *)targets.tunnels[j]->name, rows[i].expected[j]),
				  "row %zu", i);
		cr_expect(rows[i].expected[targets.count] == NULL, "row %zu", i);
	}
}

/* A name of a tunnel that is left out is refused; a group or pattern means the others. */
Test(targets, a_spoiled_tunnel_is_refused_by_name_and_noted_in_a_group)
{
	static const struct {
		const char *name;
		int status;
		size_t count;
		bool incomplete;
	} rows[] = {
		{"good", EXIT_DONE, 1, false}, {"bad", EXIT_TOPOLOGY, 0, false},
		{"both", EXIT_DONE, 1, true},  {"only", EXIT_DONE, 0, true},
		{"g*", EXIT_DONE, 1, false},   {"b?d", EXIT_DONE, 0, true},
		{"*d", EXIT_DONE, 1, true},
	};
	static const char spoiled[] = "tunplan: 1\n"
				      "vlans: [vlan1]\n"
				      "hosts: {you: [vlan1], web: [vlan1]}\n"
				      "tunnels: {good: 8080 -> web:80, bad: 8081 -> wbe:80}\n"
				      "groups: {both: [good, bad], only: bad}\n";
	FILE *file = fopen(path, "w");

	cr_assert(file && fputs(spoiled, file) >= 0 && fclose(file) == 0);
	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *name = (char *)rows[i].name;
		struct targets targets = {0};

		cr_expect(eq(int, targets_find(&cli, &loaded, &name, 1, false, &targets),
			     rows[i].status),
			  "%s", name);
		cr_expect(eq(sz, targets.count, rows[i].count), "%s", name);
		cr_expect(targets.incomplete == rows[i].incomplete, "%s", name);
	}
}

Test(targets, an_address_in_brackets_is_no_pattern)
{
	static const struct {
		const char *word;
		int status;
	} rows[] = {
		{"[fd00::1]:80", EXIT_DONE},
		{"8080 -> [fd00::1]:80", EXIT_DONE},
		{"[x]*", EXIT_USAGE},
	};

	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *names[] = {(char *)rows[i].word};
		struct targets targets = {0};

		cr_expect(eq(int, targets_find(&cli, &loaded, names, 1, true, &targets),
			     rows[i].status),
			  "%s", rows[i].word);
		cr_expect(eq(sz, targets.count, rows[i].status == EXIT_DONE), "%s", rows[i].word);
	}
}

Test(targets, unknown_tunnels_are_usage_errors)
{
	static const char *const names[] = {"on", "", "-", "8080 -", "x*", "8080 -> web/http"};

	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *name = (char *)names[i];
		struct targets targets = {.count = 7};

		cr_expect(
			eq(int, targets_find(&cli, &loaded, &name, 1, false, &targets), EXIT_USAGE),
			"%s", name);
		cr_expect(targets.tunnels == NULL && targets.count == 7, "%s", name);
	}
}

/* What is no name can be made for the occasion, where the command takes such tunnels. */
Test(targets, adhoc_where_they_are_taken)
{
	char *words[] = {"two", "8080 -> web/http", "gate", "two"};
	struct targets targets = {0};

	cr_assert(eq(int, loaded_read(&cli, &loaded), EXIT_DONE));
	cr_assert(eq(int, targets_find(&cli, &loaded, words, 4, true, &targets), EXIT_DONE));
	cr_assert(eq(sz, targets.count, 3));
	cr_expect(eq(str, (char *)targets.tunnels[0]->name, "two"));
	cr_expect(eq(sz, targets.tunnels[1]->forward_count, 1));
	cr_expect(eq(sz, targets.tunnels[2]->forward_count, 0));
	cr_expect(eq(int, targets_find(&cli, &loaded, words, 4, false, &targets), EXIT_USAGE));
}
