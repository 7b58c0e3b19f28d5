#include "exec/system/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "topology/base/memory.h"

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

json_t *state_file_read(const char *path)
{
	int version;
	json_t *object = load(path, &version);

	if (version == STATE_FILE_VERSION)
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

static int write_new(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, text);
	if (close(fd) && !error)
		error = -errno;
	return error;
}

int state_file_write(const char *path, json_t *object)
{
	char *new_path = memory_format("%s.new", path), *text;
	int error;

	json_object_set_new(object, "version", json_integer(STATE_FILE_VERSION));
	text = json_dumps(object, JSON_INDENT(1));
	error = text ? write_new(new_path, text) : -EILSEQ;
	if (!error && rename(new_path, path))
		error = -errno;
	/* On a full disk it may be an empty file. */
	if (error)
		unlink(new_path);
	free(text);
	free(new_path);
	json_decref(object);
	return error;
}
