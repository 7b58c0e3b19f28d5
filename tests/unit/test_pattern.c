#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/pattern.h"
#include "topology/base/strbuf.h"

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

/* The files of a pattern with a space behind each, or "unreadable". */
static void expect_files(const char *pattern, const char *expected)
{
	struct strbuf found = {0};
	struct arena arena = {0};
	char **paths = NULL;
	size_t count = 0;

	if (!pattern_files("", pattern, &arena, &paths, &count))
		strbuf_puts(&found, "unreadable");
	for (size_t i = 0; i < count; i++)
		strbuf_printf(&found, "%s ", paths[i]);
	cr_expect(eq(str, (char *)strbuf_text(&found), (char *)expected), "%s", pattern);
	strbuf_finish(&found);
	arena_finish(&arena);
}

Test(pattern, finds_files_in_the_order_of_their_bytes)
{
	expect_files("*.yaml", "B.yaml [x].yaml a.yaml b.yaml ");
	expect_files("[!a].yaml", "B.yaml b.yaml ");
	expect_files("[[]x].yaml", "[x].yaml ");
	expect_files(".*.yaml", ".hidden.yaml ");
	expect_files("s*/t?o/*.yaml", "sites/two/h.yaml ");
	expect_files("*/one/h.yaml", "sites/one/h.yaml ");
	/* A link that leads nowhere is there, too, and reading it says what is wrong. */
	expect_files("sites/*.yaml", "sites/link.yaml ");
}

Test(pattern, there_may_be_none_but_not_no_directory)
{
	expect_files("none*", "");
	expect_files("*/none/*", "");
	expect_files("a.yaml/*", "");
	expect_files("sites/none/*", "unreadable");
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
