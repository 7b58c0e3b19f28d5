#include "cmd/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/trust.h"
#include "topology/base/strbuf.h"

/* Returns why a descriptor cannot be a topology, or NULL. */
static const char *unfit(int fd)
{
	struct stat info;

	if (fstat(fd, &info))
		return strerror(errno);
	if (S_ISDIR(info.st_mode))
		return "is a directory";
	if (!S_ISREG(info.st_mode))
		return "is not a regular file (a pipe is read as `-`)";
	return NULL;
}

/* Reads fd to its end. Returns why not, or NULL. */
static const char *read_all(int fd, struct strbuf *text)
{
	char chunk[16384];

	for (;;) {
		ssize_t got = read(fd, chunk, sizeof(chunk));

		if (got == 0)
			return NULL;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return strerror(errno);
		strbuf_add(text, chunk, (size_t)got);
		if (text->length > READ_FILE_MAX)
			return "is larger than 16 MiB";
	}
}

static bool is_input(const char *path)
{
	return strcmp(path, "-") == 0;
}

/* Opens what can be a topology. Returns the descriptor, or -1 and why not. */
static int open_file(const char *path, struct arena *arena, const char **ret_reason)
{
	/* Not blocking: opening a named pipe must not wait for a writer before it is refused. */
	int fd = is_input(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
				: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const char *reason = NULL;

	if (fd < 0)
		reason = strerror(errno);
	else if (!is_input(path))
		reason = unfit(fd);
	if (!reason)
		return fd;
	*ret_reason = arena_string(arena, reason);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads and closes fd. */
static bool read_open(int fd, struct arena *arena, const char **ret_text, size_t *ret_size,
		      const char **ret_reason)
{
	struct strbuf text = {0};
	const char *reason = read_all(fd, &text);

	close(fd);
	if (reason) {
		*ret_reason = arena_string(arena, reason);
	} else {
		*ret_text = arena_copy(arena, strbuf_text(&text), text.length);
		*ret_size = text.length;
	}
	strbuf_finish(&text);
	return !reason;
}

bool read_file(const char *path, struct arena *arena, const char **ret_text, size_t *ret_size,
	       const char **ret_reason)
{
	int fd = open_file(path, arena, ret_reason);

	return fd >= 0 && read_open(fd, arena, ret_text, ret_size, ret_reason);
}

bool read_trusted_file(const char *path, struct arena *arena, const char **ret_text,
		       size_t *ret_size, const char **ret_reason)
{
	int fd = open_file(path, arena, ret_reason);

	if (fd < 0)
		return false;
	if (!is_input(path) && !trust_file(fd, path, arena, ret_reason)) {
		close(fd);
		return false;
	}
	return read_open(fd, arena, ret_text, ret_size, ret_reason);
}
