#include "exec/system/history_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/base/memory.h"

/* How often both files are opened, if each time the newer one became the older one meanwhile. */
#define TRIES 4

static char *older_path(const char *path)
{
	return memory_format("%s.old", path);
}

/* Opens the newer file to append to, and tells its size. Returns the descriptor or -errno. */
static int open_newer(const char *path, off_t *ret_size)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat info;
	int error;

	if (fd < 0)
		return -errno;
	error = fstat(fd, &info) ? -errno : S_ISREG(info.st_mode) ? 0 : -EINVAL;
	if (error) {
		close(fd);
		return error;
	}
	*ret_size = info.st_size;
	return fd;
}

/* The newer file becomes the older one. */
static int turn_over(const char *path)
{
	char *older = older_path(path);
	const int error = rename(path, older) ? -errno : 0;

	free(older);
	return error;
}

/* Opens a newer file that has room for so many bytes. Returns the descriptor or -errno. */
static int open_with_room(const char *path, size_t length, off_t *ret_size)
{
	int fd = open_newer(path, ret_size), error;

	if (fd < 0 || !*ret_size || (size_t)*ret_size + length <= HISTORY_FILE_BYTES)
		return fd;
	close(fd);
	error = turn_over(path);
	return error ? error : open_newer(path, ret_size);
}

/* Whether the file ends within a line. */
static bool is_torn(int fd, off_t size)
{
	char last = '\n';

	return size && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

/* Writes all in one go; what a full disk takes of it is taken back. */
static int write_whole(int fd, const struct strbuf *text, off_t size)
{
	const ssize_t written = write(fd, text->text, text->length);

	if (written == (ssize_t)text->length)
		return 0;
	if (written < 0)
		return -errno;
	/* What stays of a line is ended by the next one. */
	return ftruncate(fd, size) ? -errno : -ENOSPC;
}

/* Returns the last lines that fit into a file. */
static const char *last_lines(const struct strbuf *lines)
{
	const char *text = strbuf_text(lines);

	if (lines->length < HISTORY_FILE_BYTES)
		return text;
	/* With the end of a line before a torn one. */
	text = strchr(text + lines->length - HISTORY_FILE_BYTES, '\n');
	return text ? text + 1 : "";
}

int history_file_append(const char *path, const struct strbuf *lines, bool *ret_begun)
{
	const char *last = last_lines(lines);
	struct strbuf text = {0};
	off_t size = 0;
	const int fd = open_with_room(path, strlen(last) + 1, &size);
	int error;

	if (fd < 0)
		return fd;
	if (is_torn(fd, size))
		strbuf_puts(&text, "\n");
	strbuf_puts(&text, last);
	error = write_whole(fd, &text, size);
	if (close(fd) && !error)
		error = -errno;
	strbuf_finish(&text);
	if (!error)
		*ret_begun = size == 0;
	return error;
}

void history_file_touch(const char *path)
{
	/* Where that cannot be noted, the last line is. */
	(void)!utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

int64_t history_file_touched_ms(const char *path)
{
	struct stat info;

	if (lstat(path, &info))
		return 0;
	return (int64_t)info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
}

static int open_to_read(const char *path, struct stat *ret_info)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd >= 0 && (fstat(fd, ret_info) || !S_ISREG(ret_info->st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Opens both: not the same one twice, because it became the older one in between. */
static void open_both(const char *path, const char *older, int *ret_newer, int *ret_older)
{
	struct stat new_info, old_info;

	for (int try = 0; try < TRIES; try++) {
		*ret_newer = open_to_read(path, &new_info);
		*ret_older = open_to_read(older, &old_info);
		if (*ret_newer < 0 || *ret_older < 0 || new_info.st_ino != old_info.st_ino)
			return;
		close(*ret_newer);
		close(*ret_older);
	}
	*ret_newer = *ret_older = -1;
}

/* Appends what is in a file, and closes it. A part of a line at its end is ended. */
static void take(int fd, struct strbuf *text)
{
	const size_t before = text->length;
	char buffer[16384];
	ssize_t got = 0;

	if (fd < 0)
		return;
	while (text->length - before < 2 * HISTORY_FILE_BYTES &&
	       (got = read(fd, buffer, sizeof(buffer))) > 0)
		strbuf_add(text, buffer, (size_t)got);
	if (text->length > before && text->text[text->length - 1] != '\n')
		strbuf_puts(text, "\n");
	close(fd);
}

void history_file_read(const char *path, struct strbuf *text)
{
	char *older_name = older_path(path);
	int newer, older;

	open_both(path, older_name, &newer, &older);
	take(older, text);
	take(newer, text);
	free(older_name);
}
