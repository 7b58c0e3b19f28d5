#include "exec/system/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/system/clock.h"
#include "exec/system/passwd.h"
#include "topology/base/memory.h"

/* "/m-" and eight hex digits. */
#define MASTER_NAME_LENGTH 11

static bool is_absolute(const char *path)
{
	return path && path[0] == '/';
}

/* Makes one directory 0700 if it is missing, and checks that it is ours alone. */
static int own_directory(const char *path, uid_t uid, char **ret_why)
{
	struct stat info;

	if (mkdir(path, 0700) && errno != EEXIST) {
		int error = errno;

		*ret_why = memory_format("cannot make the directory %s: %s", path, strerror(error));
		return -error;
	}
	if (lstat(path, &info)) {
		int error = errno;

		*ret_why = memory_format("cannot use %s: %s", path, strerror(error));
		return -error;
	}
	if (!S_ISDIR(info.st_mode)) {
		*ret_why = memory_format("%s is not a directory: move it away", path);
		return -ENOTDIR;
	}
	if (info.st_uid != uid || (info.st_mode & 077)) {
		*ret_why = memory_format("%s must belong to you alone (chmod 700, owner %u)", path,
					 (unsigned)uid);
		return -EPERM;
	}
	return 0;
}

/* Makes the missing directories above path, 0700, as mkdir -p. */
static void make_parents(const char *path)
{
	char *copy = memory_string(path);

	/* What cannot be made shows when the directory itself is made. */
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}

static bool is_directory_of(const char *path, uid_t uid)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == uid;
}

/*
 * Takes a candidate if control paths in it are short enough and free of what ssh would expand or
 * unquote; frees it otherwise.
 */
static char *fitting(char *candidate)
{
	if (strlen(candidate) + MASTER_NAME_LENGTH <= RUNTIME_CONTROL_PATH_MAX &&
	    !strpbrk(candidate, "$\"\\\n"))
		return candidate;
	free(candidate);
	return NULL;
}

static char *choose_runtime_dir(const struct runtime_where *where)
{
	char *user_dir = memory_format("%s/%u", where->run_user, (unsigned)where->uid);
	char *chosen = NULL;

	if (is_absolute(where->xdg_runtime_dir))
		chosen = fitting(memory_format("%s/tunplan", where->xdg_runtime_dir));
	/* cron and ssh leave the variable unset: still one supervisor. */
	if (!chosen && is_directory_of(user_dir, where->uid))
		chosen = fitting(memory_format("%s/tunplan", user_dir));
	if (!chosen)
		chosen = memory_format("%s/tunplan-%u", where->tmp, (unsigned)where->uid);
	free(user_dir);
	return chosen;
}

static char *choose_state_dir(const struct runtime_where *where)
{
	if (is_absolute(where->xdg_state_home))
		return memory_format("%s/tunplan", where->xdg_state_home);
	if (is_absolute(where->home))
		return memory_format("%s/.local/state/tunplan", where->home);
	return NULL;
}

int runtime_init(const struct runtime_where *where, struct runtime *ret_runtime, char **ret_why)
{
	struct runtime runtime = {choose_runtime_dir(where), choose_state_dir(where)};
	int error;

	if (!runtime.state) {
		*ret_why = memory_string("set HOME or XDG_STATE_HOME to an absolute path");
		error = -ENOENT;
		goto out;
	}
	make_parents(runtime.state);
	error = own_directory(runtime.dir, where->uid, ret_why);
	if (!error)
		error = own_directory(runtime.state, where->uid, ret_why);
out:
	if (error)
		runtime_finish(&runtime);
	else
		*ret_runtime = runtime;
	return error;
}

static const char *home_of(uid_t uid)
{
	const struct passwd *user = passwd_user(uid);

	return user ? user->pw_dir : NULL;
}

int runtime_open(struct runtime *ret_runtime, char **ret_why)
{
	const char *home = getenv("HOME");
	struct runtime_where where = {
		.xdg_runtime_dir = getenv("XDG_RUNTIME_DIR"),
		.xdg_state_home = getenv("XDG_STATE_HOME"),
		.home = is_absolute(home) ? home : home_of(getuid()),
		.run_user = "/run/user",
		.tmp = "/tmp",
		.uid = getuid(),
	};

	return runtime_init(&where, ret_runtime, ret_why);
}

void runtime_finish(struct runtime *runtime)
{
	free(runtime->dir);
	free(runtime->state);
	*runtime = (struct runtime){0};
}

char *runtime_path(const struct runtime *runtime, const char *name)
{
	return memory_format("%s/%s", runtime->dir, name);
}

char *runtime_state_path(const struct runtime *runtime, const char *name)
{
	return memory_format("%s/%s", runtime->state, name);
}

/* Whether a socket or a log of that name is there already. */
static bool name_is_used(const struct runtime *runtime, const char *name)
{
	char *socket = runtime_path(runtime, name);
	char *log = memory_format("%s/%s.log", runtime->state, name);
	bool used = access(socket, F_OK) == 0 || access(log, F_OK) == 0;

	free(socket);
	free(log);
	return used;
}

char *runtime_master_name(const struct runtime *runtime)
{
	for (;;) {
		char *name = memory_format("m-%08x", clock_random());

		if (!name_is_used(runtime, name))
			return name;
		free(name);
	}
}

int runtime_lock(const char *path, int wait)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}
