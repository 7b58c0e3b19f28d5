#include "exec/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "topology/memory.h"

json_t *state_file_read(const char *path)
{
	json_t *object = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);

	if (json_integer_value(json_object_get(object, "version")) == STATE_FILE_VERSION)
		return object;
	json_decref(object);
	return NULL;
}

static int write_new(const char *path, const json_t *object)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (json_dumpfd(object, fd, JSON_INDENT(1)))
		error = -EIO;
	if (close(fd) && !error)
		error = -errno;
	return error;
}

int state_file_write(const char *path, json_t *object)
{
	char *new_path = memory_format("%s.new", path);
	int error;

	json_object_set_new(object, "version", json_integer(STATE_FILE_VERSION));
	error = write_new(new_path, object);
	if (!error && rename(new_path, path))
		error = -errno;
	free(new_path);
	json_decref(object);
	return error;
}
