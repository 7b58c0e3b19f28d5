#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/system/history_file.h"

/* A directory of its own for each test, and the file in it. */
struct kept {
	char dir[64];
	char path[80];
	char older[88];
};

static void begin(struct kept *kept)
{
	snprintf(kept->dir, sizeof(kept->dir), "/tmp/tunplan-history-XXXXXX");
	cr_assert(mkdtemp(kept->dir) != NULL);
	snprintf(kept->path, sizeof(kept->path), "%s/history", kept->dir);
	snprintf(kept->older, sizeof(kept->older), "%s.old", kept->path);
}

static void finish(struct kept *kept)
{
	unlink(kept->path);
	unlink(kept->older);
	rmdir(kept->dir);
}

/* Appends a text; whether that began a file. */
static bool begins(const struct kept *kept, const char *text)
{
	struct strbuf lines = {0};
	bool begun = false;

	strbuf_puts(&lines, text);
	cr_expect(eq(int, history_file_append(kept->path, &lines, &begun), 0));
	strbuf_finish(&lines);
	return begun;
}

/* The file as somebody else leaves it. */
static void write_raw(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert(file != NULL);
	fputs(text, file);
	fclose(file);
}

static void expect_text(const struct kept *kept, const char *expected)
{
	struct strbuf text = {0};

	history_file_read(kept->path, &text);
	cr_expect(eq(str, (char *)strbuf_text(&text), (char *)expected));
	strbuf_finish(&text);
}

static size_t size_of(const char *path)
{
	struct stat info;

	return stat(path, &info) ? 0 : (size_t)info.st_size;
}

Test(history_file, is_begun_once_and_then_appended_to)
{
	struct kept kept;
	struct stat info;

	begin(&kept);
	expect_text(&kept, "");
	cr_expect(begins(&kept, "one\n"));
	cr_expect(not(begins(&kept, "two\nthree\n")));
	expect_text(&kept, "one\ntwo\nthree\n");
	cr_expect(eq(int, stat(kept.path, &info), 0));
	cr_expect(eq(uint, info.st_mode & 0777u, 0600u));
	finish(&kept);
}

Test(history_file, a_line_that_was_cut_costs_no_other_one)
{
	struct kept kept;

	begin(&kept);
	write_raw(kept.path, "one\ntw");
	expect_text(&kept, "one\ntw\n");
	cr_expect(not(begins(&kept, "three\n")));
	expect_text(&kept, "one\ntw\nthree\n");
	finish(&kept);
}

Test(history_file, is_never_more_than_two_files_and_keeps_the_newest)
{
	char line[1001], last[16];
	struct strbuf text = {0};
	struct kept kept;
	unsigned begun = 0;

	begin(&kept);
	memset(line, 'x', sizeof(line));
	line[999] = '\n';
	line[1000] = '\0';
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(last, sizeof(last), "%08u", i);
		memcpy(line, last, 8);
		begun += begins(&kept, line);
		cr_assert(le(sz, size_of(kept.path), HISTORY_FILE_BYTES));
		cr_assert(le(sz, size_of(kept.older), HISTORY_FILE_BYTES));
	}
	cr_expect(eq(uint, begun, 4));
	history_file_read(kept.path, &text);
	cr_expect(ge(sz, text.length, HISTORY_FILE_BYTES));
	cr_expect(eq(int, strncmp(text.text + text.length - 1000, "00001999x", 9), 0));
	/* Oldest first, and none is missing between. */
	for (size_t at = 0; at + 1000 < text.length; at += 1000)
		cr_assert(eq(int, atoi(text.text + at) + 1, atoi(text.text + at + 1000)));
	strbuf_finish(&text);
	finish(&kept);
}

Test(history_file, of_more_lines_than_fit_the_last_ones_are_kept)
{
	struct strbuf lines = {0}, text = {0};
	struct kept kept;
	bool begun = false;

	begin(&kept);
	for (unsigned i = 0; i < HISTORY_FILE_BYTES / 8; i++)
		strbuf_printf(&lines, "line %06u\n", i);
	cr_expect(eq(int, history_file_append(kept.path, &lines, &begun), 0));
	cr_expect(le(sz, size_of(kept.path), HISTORY_FILE_BYTES));
	history_file_read(kept.path, &text);
	cr_expect(eq(int, strncmp(text.text, "line ", 5), 0));
	cr_expect(eq(str, text.text + text.length - 12, lines.text + lines.length - 12));
	strbuf_finish(&lines);
	strbuf_finish(&text);
	finish(&kept);
}

Test(history_file, what_cannot_be_written_is_told_and_changes_nothing)
{
	struct strbuf lines = {0};
	struct kept kept;
	bool begun = false;

	begin(&kept);
	strbuf_puts(&lines, "one\n");
	cr_assert(eq(int, mkdir(kept.path, 0700), 0));
	cr_expect(eq(int, history_file_append(kept.path, &lines, &begun), -EISDIR));
	rmdir(kept.path);
	cr_assert(eq(int, symlink("/dev/null", kept.path), 0));
	cr_expect(eq(int, history_file_append(kept.path, &lines, &begun), -ELOOP));
	expect_text(&kept, "");
	unlink(kept.path);
	cr_assert(eq(int, mkfifo(kept.path, 0600), 0));
	cr_expect(eq(int, history_file_append(kept.path, &lines, &begun), -EINVAL));
	expect_text(&kept, "");
	unlink(kept.path);
	rmdir(kept.dir);
	cr_expect(eq(int, history_file_append(kept.path, &lines, &begun), -ENOENT));
	cr_expect(not(begun));
	strbuf_finish(&lines);
}

Test(history_file, tells_when_its_writer_was_alive)
{
	const struct timespec long_ago[] = {{1000, 0}, {1000, 0}};
	struct kept kept;

	begin(&kept);
	cr_expect(eq(i64, history_file_touched_ms(kept.path), 0));
	begins(&kept, "one\n");
	cr_assert(eq(int, utimensat(AT_FDCWD, kept.path, long_ago, 0), 0));
	cr_expect(eq(i64, history_file_touched_ms(kept.path), 1000000));
	history_file_touch(kept.path);
	cr_expect(ge(i64, history_file_touched_ms(kept.path), 1000001));
	expect_text(&kept, "one\n");
	finish(&kept);
}
