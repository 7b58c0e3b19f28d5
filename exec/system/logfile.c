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

#define READ_MAX ((off_t)64 * 1024)

int logfile_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : fd;
}

void logfile_cap(int fd)
{
	struct stat info;

	/* A file that cannot be emptied stays as it is: there is nobody to tell. */
	if (fstat(fd, &info) == 0 && info.st_size > LOGFILE_MAX_BYTES && ftruncate(fd, 0) != 0)
		return;
}

off_t logfile_size(const char *path)
{
	struct stat info;

	return stat(path, &info) ? 0 : info.st_size;
}

void logfile_read(const char *path, off_t from, struct strbuf *text)
{
	off_t size = logfile_size(path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char buffer[4096];
	ssize_t got;

	if (fd < 0)
		return;
	if (from > size)
		from = 0;
	if (size - from > READ_MAX)
		from = size - READ_MAX;
	while (from < size && (got = pread(fd, buffer, sizeof(buffer), from)) > 0) {
		strbuf_add(text, buffer, (size_t)got);
		from += got;
	}
	close(fd);
}

void logfile_write(int fd, const char *format, ...)
{
	struct strbuf line = {0};
	time_t now = clock_wall();
	char text[1024], stamp[32] = "";
	struct tm local;
	va_list arguments;

	if (localtime_r(&now, &local))
		strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &local);
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	strbuf_printf(&line, "%s %s\n", stamp, text);
	/* One write a line, so that lines stay whole; a full disk loses them, not the tunnels. */
	if (write(fd, line.text, line.length) >= 0)
		logfile_cap(fd);
	strbuf_finish(&line);
}
