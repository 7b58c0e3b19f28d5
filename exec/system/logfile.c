#include "exec/system/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "exec/system/clock.h"

#define PART_MAX ((off_t)64 * 1024)

int logfile_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : fd;
}

int logfile_open_any(const char *path)
{
	const int fd = logfile_open(path),
		  null = fd < 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1;

	return null < 0 ? fd : null;
}

void logfile_cap(int fd)
{
	struct stat info;

	/* A file that cannot be emptied stays as it is: there is nobody to tell. */
	if (fstat(fd, &info) == 0 && info.st_size > LOGFILE_MAX_BYTES && ftruncate(fd, 0) != 0)
		return;
}

/* Appends a part of an open file, and returns where that ends. */
static off_t read_part(int fd, off_t from, off_t end, struct strbuf *text)
{
	char buffer[4096];
	ssize_t got = 0;

	while (from < end && (got = pread(fd, buffer, sizeof(buffer), from)) > 0) {
		strbuf_add(text, buffer, (size_t)got);
		from += got;
	}
	return from;
}

/* Opens a file to read, and tells its size. Returns the descriptor or -1. */
static int open_to_read(const char *path, off_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;

	if (fd >= 0 && fstat(fd, &info)) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		*ret_size = info.st_size;
	return fd;
}

void logfile_read(const char *path, struct strbuf *text)
{
	off_t size;
	int fd = open_to_read(path, &size);

	if (fd < 0)
		return;
	read_part(fd, size > PART_MAX ? size - PART_MAX : 0, size, text);
	close(fd);
}

off_t logfile_next(const char *path, off_t from, struct strbuf *text)
{
	struct stat info;
	off_t size;
	int fd;

	/* As a rule there is nothing new. */
	if (stat(path, &info) == 0 && info.st_size == from)
		return from;
	fd = open_to_read(path, &size);
	if (fd < 0)
		return from;
	if (from > size)
		from = 0;
	from = read_part(fd, from, size - from > PART_MAX ? from + PART_MAX : size, text);
	close(fd);
	return from;
}

int logfile_write(int fd, const char *format, ...)
{
	struct strbuf line = {0};
	time_t now = clock_wall();
	char text[1024], stamp[32] = "";
	struct tm local;
	va_list arguments;
	int error = 0;

	if (localtime_r(&now, &local))
		strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &local);
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	strbuf_printf(&line, "%s %s\n", stamp, text);
	/* One write a line, so that lines stay whole; a full disk loses them, not the tunnels. */
	if (write(fd, line.text, line.length) >= 0)
		logfile_cap(fd);
	else
		error = -errno;
	strbuf_finish(&line);
	return error;
}
