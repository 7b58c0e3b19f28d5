#include "exec/system/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/system/runtime.h"
#include "topology/base/memory.h"

int lock_take(const char *path, pid_t *ret_holder)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int error;

	if (fd < 0)
		return -errno;
	/* Unlike flock(), fcntl() can tell who has the lock. */
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return fd;
	error = errno;
	close(fd);
	if (error != EACCES && error != EAGAIN)
		return -error;
	*ret_holder = 0;
	lock_is_taken(path, ret_holder);
	return -EWOULDBLOCK;
}

bool lock_is_taken(const char *path, pid_t *ret_holder)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	bool locked;

	if (fd < 0)
		return false;
	locked = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	close(fd);
	if (locked)
		*ret_holder = lock.l_pid > 0 ? lock.l_pid : 0;
	return locked;
}

int lock_note(int lock, const char *dir)
{
	char *text = memory_format("%d\n%s\n", (int)getpid(), dir);
	const size_t length = strlen(text);
	int error = 0;

	/* Over the old text, which needs no room on a full disk. */
	if (pwrite(lock, text, length, 0) < 0 || ftruncate(lock, (off_t)length))
		error = -errno;
	free(text);
	return error;
}

char *lock_noted_dir(int lock)
{
	char text[PATH_MAX + 32], *dir, *end, *why = NULL;
	ssize_t length = pread(lock, text, sizeof(text) - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	dir = strchr(text, '\n');
	end = dir ? strchr(dir + 1, '\n') : NULL;
	if (!end)
		return NULL;
	*end = '\0';
	if (runtime_check_directory(dir + 1, getuid(), &why)) {
		free(why);
		return NULL;
	}
	return memory_string(dir + 1);
}

char *lock_noted_dir_at(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *dir;

	if (fd < 0)
		return NULL;
	dir = lock_noted_dir(fd);
	close(fd);
	return dir;
}
