#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/pattern.h"

static char home[] = "/tmp/test-pattern.XXXXXX";

/* Directories end in a slash and stand before what is in them. */
static const char *const tree[] = {
	"a.yaml",     "b.yaml",        "B.yaml",      ".hidden.yaml",     "[x].yaml",
	"sites/",     "sites/one/",    "sites/two/",  "sites/one/h.yaml", "sites/empty/",
	"sites/file", ".git/",         ".git/h.yaml", "sites/two/h.yaml", "sites/two/.h.yaml",
	"net[1]/",    "net[1]/n.yaml",
};

static void make_tree(void)
{
	cr_assert(mkdtemp(home) != NULL);
	cr_assert(eq(int, chmod(home, 0755), 0));
	cr_assert(eq(int, chdir(home), 0));
	for (size_t i = 0; i < sizeof(tree) / sizeof(tree[0]); i++) {
		int fd;

		if (strchr(tree[i], '\0')[-1] == '/') {
			cr_assert(eq(int, mkdir(tree[i], 0755), 0));
			continue;
		}
		fd = open(tree[i], O_WRONLY | O_CREAT, 0644);
		cr_assert(fd >= 0);
		close(fd);
	}
	cr_assert(eq(int, symlink("nowhere", "sites/link.yaml"), 0));
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info, (void)kind, (void)where;
	return remove(path);
}

static void remove_tree(void)
{
	cr_assert(eq(int, chdir("/"), 0));
	cr_assert(eq(int, nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0));
}

TestSuite(pattern, .init = make_tree, .fini = remove_tree);

/* In the C locale, glob(3) is what it has to be. */
Test(pattern, finds_what_glob_finds)
{
	static const char *const patterns[] = {
		"*.yaml",       "?.yaml",        "[ab].yaml",      "[!a].yaml",   ".*.yaml",
		"[[]x].yaml",   "sites/*",       "sites/*/*.yaml", "*/*",         "*/one/h.yaml",
		"*/*/h.yaml",   "s*/two/?.yaml", "none*",          "*/none",      "sites//*/h.yaml",
		"./*.yaml",     "./sites/../*",  "a.yaml/*",       "*.yaml/*",    "sites/[",
		"sites/none/*", "none/*",        "/etc/pass[w]d",  "//etc/hos*s", "*/none/*",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct arena arena = {0};
		glob_t expected;
		char **paths = NULL;
		size_t count = 0;
		const int error = glob(patterns[i], GLOB_ERR, NULL, &expected);
		const bool good = pattern_files("", patterns[i], &arena, &paths, &count);

		cr_expect(good == (error == 0 || error == GLOB_NOMATCH), "'%s'", patterns[i]);
		cr_assert(eq(sz, count, error ? 0 : expected.gl_pathc), "'%s'", patterns[i]);
		for (size_t j = 0; j < count; j++)
			cr_expect(eq(str, paths[j], expected.gl_pathv[j]), "'%s'", patterns[i]);
		if (!error)
			globfree(&expected);
		arena_finish(&arena);
	}
}

Test(pattern, the_base_is_no_pattern)
{
	struct arena arena = {0};
	char **paths;
	size_t count;

	cr_assert(pattern_files("net[1]/", "*.yaml", &arena, &paths, &count));
	cr_assert(eq(sz, count, 1));
	cr_expect(eq(str, paths[0], "net[1]/n.yaml"));
	arena_finish(&arena);
}

Test(pattern, a_directory_that_cannot_be_read_is_no_empty_one)
{
	struct arena arena = {0};
	char **paths;
	size_t count;

	cr_assert(eq(int, chmod("sites/empty", 0), 0));
	/* Root could read it. */
	if (getuid() == 0)
		cr_assert(eq(int, seteuid(61184), 0));
	cr_expect(pattern_files("", "sites/one/h*", &arena, &paths, &count));
	cr_expect(not(pattern_files("", "sites/*/h*.yaml", &arena, &paths, &count)));
	cr_expect(not(pattern_files("", "sites/empty/*", &arena, &paths, &count)));
	if (getuid() == 0)
		cr_assert(eq(int, seteuid(0), 0));
	cr_assert(eq(int, chmod("sites/empty", 0755), 0));
	arena_finish(&arena);
}

Test(pattern, names)
{
	cr_expect(pattern_is("a*") && pattern_is("?") && pattern_is("[a]"));
	cr_expect(not(pattern_is("a.b")));
	cr_expect(pattern_matches("*-web", "office-web"));
	cr_expect(not(pattern_matches("*-web", "web")));
}
