#include "exec/system/spawn_self.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <unistd.h>
#include <uv.h>

#include "topology/base/memory.h"

extern char **environ;

static int add_actions(posix_spawn_file_actions_t *actions, int fd, int child_fd)
{
	int error = posix_spawn_file_actions_init(actions);

	for (int standard = 0; standard <= 2 && !error; standard++)
		error = posix_spawn_file_actions_addopen(actions, standard, "/dev/null", O_RDWR, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(actions, fd, child_fd);
	return error;
}

int spawn_self(const char *role, int fd, int child_fd)
{
	char program[PATH_MAX];
	size_t size = sizeof(program);
	char *argv[] = {program, (char *)(uintptr_t)role, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error = uv_exepath(program, &size);
	pid_t pid;

	if (error)
		return error;
	if (posix_spawnattr_init(&attributes))
		memory_exhausted();
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	error = add_actions(&actions, fd, child_fd);
	if (!error)
		error = posix_spawn(&pid, program, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (error == ENOMEM)
		memory_exhausted();
	return -error;
}
