#include "exec/system/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

/* What is kept of a disk is a multiple of it. */
#define BLOCK 4096

/* Reads a file of any version; NULL when it is missing or broken. */
static json_t *load(const char *path, int *ret_version)
{
	FILE *file = memory_found(fopen(path, "re"));
	json_t *object = file ? json_loadf(file, JSON_REJECT_DUPLICATES, NULL) : NULL;

	if (file)
		fclose(file);
	*ret_version = (int)json_integer_value(json_object_get(object, "version"));
	return object;
}

json_t *state_file_read(const char *path, int version)
{
	int found;
	json_t *object = load(path, &found);

	if (found == version)
		return object;
	json_decref(object);
	return NULL;
}

int state_file_version(const char *path)
{
	int version;

	json_decref(load(path, &version));
	return version;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t written = write(fd, text, left);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			text += written;
			left -= (size_t)written;
		}
	}
	return 0;
}

static int write_new(const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, text);
	if (!error && ftruncate(fd, (off_t)strlen(text)))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	return error;
}

/* Writes into a file of that name, and puts it in the place of the other. Returns 0 or -errno. */
static int write_and_rename(const char *beside, int flags, const char *path, const char *text)
{
	int error = write_new(beside, flags, text);

	if (!error && rename(beside, path))
		error = -errno;
	return error;
}

int state_file_write_text(const char *path, const char *text)
{
	char *beside = memory_format("%s.new", path);
	int error = write_and_rename(beside, O_CREAT | O_TRUNC, path, text);

	/* On a full disk it may be an empty file. */
	if (error)
		unlink(beside);
	free(beside);
	return error;
}

/* What is there is written over, and keeps what it has of the disk if that fails. */
int state_file_write_in_room(const char *path, const char *text)
{
	char *room = memory_format("%s.room", path);
	int error = write_and_rename(room, 0, path, text);

	free(room);
	return error;
}

void state_file_keep_room(const char *path, const char *text)
{
	const size_t wanted = (strlen(text) / BLOCK + 1) * BLOCK;
	char *room = memory_format("%s.room", path);
	struct stat there;

	if (stat(room, &there) || (size_t)there.st_size < wanted) {
		char *blank = memory_alloc(wanted + 1);

		memset(blank, ' ', wanted);
		write_new(room, O_CREAT, blank);
		free(blank);
	}
	free(room);
}

int state_file_write(const char *path, int version, json_t *object)
{
	char *text;
	int error;

	json_object_set_new(object, "version", json_integer(version));
	text = json_dumps(object, JSON_INDENT(1));
	error = text ? state_file_write_text(path, text) : -EILSEQ;
	free(text);
	json_decref(object);
	return error;
}

char *state_file_read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct strbuf text = {0};
	char block[65536], *copy = NULL;
	ssize_t got;

	if (fd < 0)
		return NULL;
	while ((got = read(fd, block, sizeof(block))) > 0)
		strbuf_add(&text, block, (size_t)got);
	if (got == 0)
		copy = memory_string(strbuf_text(&text));
	strbuf_finish(&text);
	close(fd);
	return copy;
}

void state_file_tidy(const char *path)
{
	static const char *const beside[] = {"new", "room"};

	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		char *file = memory_format("%s.%s", path, beside[i]);

		unlink(file);
		free(file);
	}
}

void state_file_remove(const char *path)
{
	unlink(path);
	state_file_tidy(path);
}
