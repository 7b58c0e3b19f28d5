#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/find_file.h"

/* Each test runs in a process of its own, so the directory and the environment are its own, too. */
static char directory[] = "/tmp/find-file.XXXXXX";

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	cr_assert(fd >= 0, "%s", path);
	close(fd);
}

static void enter_empty_directory(void)
{
	cr_assert(mkdtemp(directory) != NULL);
	cr_assert(chdir(directory) == 0);
	unsetenv("TUNPLAN_FILE");
	setenv("HOME", directory, 1);
	unsetenv("XDG_CONFIG_HOME");
}

static void remove_directory(void)
{
	static const char *const files[] = {
		"tunplan.yaml",
		"a/tunplan.yaml",
		"x/tunplan/tunplan.yaml",
		"x/tunplan",
		"x",
		".config/tunplan/tunplan.yaml",
		".config/tunplan",
		".config",
		"a/b",
		"a",
	};

	cr_assert(chdir(directory) == 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		remove(files[i]);
	cr_assert(rmdir(directory) == 0);
}

TestSuite(find_file, .init = enter_empty_directory, .fini = remove_directory);

static void expect_found(const char *option, const char *expected)
{
	struct strbuf path = {0};

	cr_expect(find_file(option, &path));
	cr_expect(eq(str, strbuf_text(&path), expected));
	strbuf_finish(&path);
}

Test(find_file, nothing)
{
	struct strbuf path = {0};

	cr_expect(not(find_file(NULL, &path)));
	cr_expect(path.length == 0);
	strbuf_finish(&path);
}

Test(find_file, here)
{
	touch("tunplan.yaml");
	expect_found(NULL, "tunplan.yaml");
}

Test(find_file, nearest_parent)
{
	mkdir("a", 0700);
	mkdir("a/b", 0700);
	touch("tunplan.yaml");
	cr_assert(chdir("a/b") == 0);
	expect_found(NULL, "../../tunplan.yaml");
	touch("../tunplan.yaml");
	expect_found(NULL, "../tunplan.yaml");
}

Test(find_file, the_users_own)
{
	char expected[64];

	mkdir(".config", 0700);
	mkdir(".config/tunplan", 0700);
	touch(".config/tunplan/tunplan.yaml");
	snprintf(expected, sizeof(expected), "%s/.config/tunplan/tunplan.yaml", directory);
	expect_found(NULL, expected);

	mkdir("x", 0700);
	mkdir("x/tunplan", 0700);
	touch("x/tunplan/tunplan.yaml");
	setenv("XDG_CONFIG_HOME", "x", 1);
	expect_found(NULL, "x/tunplan/tunplan.yaml");
}

Test(find_file, what_is_named_comes_first_and_need_not_exist)
{
	touch("tunplan.yaml");
	setenv("TUNPLAN_FILE", "from-environment.yaml", 1);
	expect_found(NULL, "from-environment.yaml");
	expect_found("from-option.yaml", "from-option.yaml");
	setenv("TUNPLAN_FILE", "", 1);
	expect_found(NULL, "tunplan.yaml");
}
