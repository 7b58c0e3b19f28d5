#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/read_file.h"

static char path[] = "/tmp/read-file.XXXXXX";
static struct arena arena;
static const char *text;
static size_t size;
static const char *reason;

static void make_file(void)
{
	int fd = mkstemp(path);

	cr_assert(fd >= 0);
	cr_assert(write(fd, "a\0b\n", 4) == 4);
	close(fd);
}

static void remove_file(void)
{
	arena_finish(&arena);
	remove(path);
}

TestSuite(read_file, .init = make_file, .fini = remove_file);

static void expect_refused(const char *name, const char *why)
{
	cr_assert(not(read_file(name, &arena, &text, &size, &reason)), "%s", name);
	cr_expect(strstr(reason, why) != NULL, "%s: %s", name, reason);
	cr_expect(text == NULL, "%s", name);
}

Test(read_file, gives_every_byte)
{
	cr_assert(read_file(path, &arena, &text, &size, &reason));
	cr_assert(eq(sz, size, 4));
	cr_expect(memcmp(text, "a\0b\n", 5) == 0);
}

Test(read_file, empty)
{
	cr_assert(truncate(path, 0) == 0);
	cr_assert(read_file(path, &arena, &text, &size, &reason));
	cr_expect(eq(sz, size, 0));
}

Test(read_file, largest)
{
	cr_assert(truncate(path, READ_FILE_MAX) == 0);
	cr_assert(read_file(path, &arena, &text, &size, &reason));
	cr_expect(eq(sz, size, READ_FILE_MAX));
}

Test(read_file, too_large)
{
	cr_assert(truncate(path, READ_FILE_MAX + 1) == 0);
	expect_refused(path, "larger than 16 MiB");
}

Test(read_file, what_is_no_file)
{
	expect_refused("/tmp", "is a directory");
	expect_refused("/tmp/no/such/file", "No such file");
	expect_refused("/dev/null", "not a regular file");
}

/* Opening a pipe to read waits for a writer, for ever, unless one takes care. */
Test(read_file, named_pipe, .timeout = 10)
{
	remove(path);
	cr_assert(mkfifo(path, 0600) == 0);
	expect_refused(path, "not a regular file");
}

Test(read_file, standard_input)
{
	int fd = open(path, O_RDONLY);

	cr_assert(fd >= 0);
	cr_assert(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
	close(fd);
	cr_assert(read_file("-", &arena, &text, &size, &reason));
	cr_expect(eq(sz, size, 4));
}
