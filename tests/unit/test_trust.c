#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/trust.h"

#define ME       1000
#define OTHER    1001
#define OVERFLOW 65534

static const struct trust_caller user = {.uid = ME, .unmapped = TRUST_NO_UID};
static const struct trust_caller root = {.uid = 0, .unmapped = TRUST_NO_UID};
static const struct trust_caller inside = {.uid = ME, .unmapped = OVERFLOW};

Test(trust, who_could_write)
{
	static const struct {
		const char *name;
		const struct trust_caller *caller;
		struct trust_facts facts;
		enum trust_writer writer;
	} rows[] = {
		{"mine", &user, {ME, S_IFREG | 0644, false}, TRUST_NOBODY_ELSE},
		{"root's", &user, {0, S_IFREG | 0644, false}, TRUST_NOBODY_ELSE},
		{"another's", &user, {OTHER, S_IFREG | 0600, false}, TRUST_OWNER},
		{"another's, read only", &user, {OTHER, S_IFREG | 0400, true}, TRUST_OWNER},
		{"everybody's", &user, {ME, S_IFREG | 0602, false}, TRUST_EVERYBODY},
		{"everybody's, of root", &user, {0, S_IFREG | 0666, true}, TRUST_EVERYBODY},
		{"a group's", &user, {ME, S_IFREG | 0660, false}, TRUST_GROUP},
		{"my group's", &user, {ME, S_IFREG | 0660, true}, TRUST_NOBODY_ELSE},
		{"sticky means nothing on a file",
		 &user,
		 {ME, S_IFREG | 01666, true},
		 TRUST_EVERYBODY},
		{"my directory", &user, {ME, S_IFDIR | 0755, false}, TRUST_NOBODY_ELSE},
		{"open directory", &user, {ME, S_IFDIR | 0777, false}, TRUST_EVERYBODY},
		{"a group's directory", &user, {0, S_IFDIR | 0775, false}, TRUST_GROUP},
		{"/tmp", &user, {0, S_IFDIR | 01777, false}, TRUST_NOBODY_ELSE},
		{"a group's, sticky", &user, {0, S_IFDIR | 01775, false}, TRUST_NOBODY_ELSE},
		{"another's, sticky", &user, {OTHER, S_IFDIR | 01777, false}, TRUST_OWNER},
		{"a user's, for root", &root, {ME, S_IFREG | 0644, false}, TRUST_OWNER},
		{"root's, for root", &root, {0, S_IFREG | 0644, false}, TRUST_NOBODY_ELSE},
		{"nobody's", &user, {OVERFLOW, S_IFREG | 0644, false}, TRUST_OWNER},
		{"from outside", &inside, {OVERFLOW, S_IFDIR | 0755, false}, TRUST_NOBODY_ELSE},
		{"from outside, open", &inside, {OVERFLOW, S_IFDIR | 0777, false}, TRUST_EVERYBODY},
		{"no user's", &user, {TRUST_NO_UID, S_IFREG | 0644, false}, TRUST_OWNER},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect(eq(int, trust_judge(rows[i].caller, &rows[i].facts), rows[i].writer),
			  "%s", rows[i].name);
}

/* --- on files */

static char directory[] = "/tmp/trust.XXXXXX";
static struct arena arena;
static const char *reason;

static void make_directory(void)
{
	unsetenv("SUDO_UID");
	cr_assert(mkdtemp(directory) != NULL);
	cr_assert(chdir(directory) == 0);
}

static void remove_directory(void)
{
	arena_finish(&arena);
	unlink("net.yaml");
	unlink("other.yaml");
	rmdir(directory);
}

TestSuite(trust_file, .init = make_directory, .fini = remove_directory);

static int make_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_EXCL, 0600);

	cr_assert(fd >= 0);
	return fd;
}

Test(trust_file, own_in_sticky_tmp)
{
	int fd = make_file("net.yaml");

	cr_expect(trust_file(fd, "net.yaml", &arena, &reason), "%s", reason);
	cr_expect(reason == NULL);
	close(fd);
}

Test(trust_file, says_what_to_do)
{
	int fd = make_file("net.yaml");
	const char *expected = arena_format(&arena,
					    "refused, because everybody can write it: `chmod go-w "
					    "%s/net.yaml`, or say --trust-file",
					    directory);

	cr_assert(fchmod(fd, 0666) == 0);
	cr_assert(not(trust_file(fd, "net.yaml", &arena, &reason)));
	cr_expect(strcmp(reason, expected) == 0, "%s", reason);
	close(fd);
}

Test(trust_file, its_directory)
{
	int fd = make_file("net.yaml");

	cr_assert(chmod(directory, 0777) == 0);
	cr_assert(not(trust_file(fd, "net.yaml", &arena, &reason)));
	cr_expect(strstr(reason, "everybody can replace it in /tmp/trust.") != NULL, "%s", reason);
	close(fd);
}

/* The name leads to a good file, but another was opened: its directories are not known. */
Test(trust_file, replaced_meanwhile)
{
	int fd = make_file("net.yaml");

	close(make_file("other.yaml"));
	cr_assert(rename("other.yaml", "net.yaml") == 0);
	cr_assert(not(trust_file(fd, "net.yaml", &arena, &reason)));
	cr_expect(strstr(reason, "replaced while it was opened") != NULL, "%s", reason);
	cr_assert(unlink("net.yaml") == 0);
	cr_assert(not(trust_file(fd, "net.yaml", &arena, &reason)));
	cr_expect(strstr(reason, "is not to be seen") != NULL, "%s", reason);
	close(fd);
}
