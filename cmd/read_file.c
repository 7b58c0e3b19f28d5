#include "cmd/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/strbuf.h"

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

bool read_file(const char *path, struct arena *arena, const char **ret_text, size_t *ret_size,
	       const char **ret_reason)
{
	bool input = strcmp(path, "-") == 0;
	/* Not blocking: opening a named pipe must not wait for a writer before it is refused. */
	int fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct strbuf text = {0};
	const char *reason = NULL;

	if (fd < 0) {
		*ret_reason = arena_string(arena, strerror(errno));
		return false;
	}
	if (!input)
		reason = unfit(fd);
	if (!reason)
		reason = read_all(fd, &text);
	if (!input)
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
