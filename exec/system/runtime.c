#include "exec/system/runtime.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/system/passwd.h"
#include "topology/base/memory.h"

/* "/m-", sixteen hex digits, "-", and a generation. */
#define MASTER_NAME_LENGTH 30

static bool is_absolute(const char *path)
{
	return path && path[0] == '/';
}

int runtime_check_directory(const char *path, uid_t uid, char **ret_why)
{
	struct stat info;

	if (lstat(path, &info)) {
		int error = errno;

		if (error != ENOENT)
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

/* Makes a directory 0700 if it is missing and that is wanted, and checks that it is ours alone. */
static int own_directory(const char *path, uid_t uid, enum runtime_use use, char **ret_why)
{
	int error;

	if (use == RUNTIME_MAKE && mkdir(path, 0700) && errno != EEXIST) {
		error = errno;
		*ret_why = memory_format("cannot make the directory %s: %s", path, strerror(error));
		return -error;
	}
	error = runtime_check_directory(path, uid, ret_why);
	return error == -ENOENT && use == RUNTIME_LOOK ? 0 : error;
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

/* Why a directory cannot have ours in it, or NULL. The words follow "which". */
static const char *unfit(const char *base, const char *dir, uid_t uid)
{
	struct stat info;

	if (strlen(dir) + MASTER_NAME_LENGTH > RUNTIME_CONTROL_PATH_MAX)
		return "is too long for the paths of sockets";
	if (strpbrk(dir, "$\"\\\n"))
		return "has a character that ssh would take for something else";
	if (stat(base, &info))
		return errno == ENOENT ? "does not exist" : "cannot be entered";
	if (!S_ISDIR(info.st_mode))
		return "is no directory";
	if (info.st_uid != uid)
		return "is another user's";
	if (lstat(dir, &info) == 0 && info.st_uid != uid)
		return "has another user's directory `tunplan`";
	return NULL;
}

/* Returns the directory `tunplan` in base, or NULL with the reason if it cannot be used. */
static char *candidate(const char *base, uid_t uid, const char **ret_reason)
{
	char *dir = memory_format("%s/tunplan", base);

	*ret_reason = unfit(base, dir, uid);
	if (!*ret_reason)
		return dir;
	free(dir);
	return NULL;
}

static void choose_runtime_dir(const struct runtime_where *where, struct runtime *runtime)
{
	char *user_dir = memory_format("%s/%u", where->run_user, (unsigned)where->uid);
	const char *said = is_absolute(where->xdg_runtime_dir) ? where->xdg_runtime_dir : NULL;
	const char *reason = NULL, *unused;

	if (said)
		runtime->dir = candidate(said, where->uid, &reason);
	/* cron and ssh leave the variable unset: still one supervisor. */
	if (!runtime->dir)
		runtime->dir = candidate(user_dir, where->uid, &unused);
	if (!runtime->dir)
		runtime->dir = memory_format("%s/tunplan-%u", where->tmp, (unsigned)where->uid);
	if (reason)
		runtime->passed_over =
			memory_format("$XDG_RUNTIME_DIR is %s, which %s: %s is used instead", said,
				      reason, runtime->dir);
	free(user_dir);
}

static char *choose_state_dir(const struct runtime_where *where)
{
	if (is_absolute(where->xdg_state_home))
		return memory_format("%s/tunplan", where->xdg_state_home);
	if (is_absolute(where->home))
		return memory_format("%s/.local/state/tunplan", where->home);
	return NULL;
}

/* Returns the name of the machine that a state directory belongs to, or NULL: nobody's yet. */
static char *owner_of(const char *state)
{
	char *link = memory_format("%s/machine", state);
	char name[NAME_MAX + 1];
	ssize_t length = readlink(link, name, sizeof(name) - 1);

	free(link);
	if (length < 0)
		return NULL;
	name[length] = '\0';
	return memory_string(name);
}

/* Notes that a state directory is this machine's. A link is made in one step, and needs no room. */
static void claim(const char *state, const char *machine)
{
	char *link = memory_format("%s/machine", state);

	/* Who was faster has it; where no link can be made, there is one machine. */
	(void)!symlink(machine, link);
	free(link);
}

/* Finds this machine's part of the state directory. */
static int open_state(const struct runtime_where *where, enum runtime_use use,
		      struct runtime *runtime, char **ret_why)
{
	int error;
	char *owner;

	if (use == RUNTIME_MAKE)
		make_parents(runtime->state);
	error = own_directory(runtime->state, where->uid, use, ret_why);
	if (error)
		return error;
	if (use == RUNTIME_MAKE)
		claim(runtime->state, where->machine);
	owner = owner_of(runtime->state);
	if (owner && strcmp(owner, where->machine) != 0) {
		char *part = memory_format("%s/on-%s", runtime->state, where->machine);

		free(runtime->state);
		runtime->state = part;
		error = own_directory(part, where->uid, use, ret_why);
	}
	free(owner);
	return error;
}

/* Returns why nothing can be written to a directory, or, where it is yet to be made, to the one above it: 0 or -errno. */
static int try_writing(const char *path)
{
	char *at = memory_string(path), *slash;
	int error = access(at, W_OK | X_OK) ? -errno : 0;

	while (error == -ENOENT && (slash = strrchr(at, '/')) && slash > at) {
		*slash = '\0';
		error = access(at, W_OK | X_OK) ? -errno : 0;
	}
	free(at);
	return error;
}

/* Whether a directory fails by the file system that it is on, or would be on, and not by what it is. */
static bool is_unwritable(int error)
{
	static const int errors[] = {EROFS, EACCES, ENOSPC, EDQUOT, ENOENT};

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (error == -errors[i])
			return true;
	return false;
}

/* Finds the state directory, or, where nothing can be written to that, one beside the sockets. */
static int open_state_or_other(const struct runtime_where *where, enum runtime_use use,
			       struct runtime *runtime, char **ret_why)
{
	char *why = NULL;
	int error = open_state(where, use, runtime, &why);
	int writing = error ? error : try_writing(runtime->state);

	if (!is_unwritable(writing)) {
		*ret_why = why;
		return error;
	}
	free(why);
	runtime->unwritable = memory_format(
		"the state directory %s cannot be written (%s): what happens is kept in %s/state, "
		"for as long as that is there",
		runtime->state, strerror(-writing), runtime->dir);
	free(runtime->state);
	runtime->state = memory_format("%s/state", runtime->dir);
	return own_directory(runtime->state, where->uid, use, ret_why);
}

int runtime_init(const struct runtime_where *where, enum runtime_use use,
		 struct runtime *ret_runtime, char **ret_why)
{
	struct runtime runtime = {.state = choose_state_dir(where)};
	int error;

	choose_runtime_dir(where, &runtime);
	if (!runtime.state) {
		*ret_why = memory_string("set HOME or XDG_STATE_HOME to an absolute path");
		error = -ENOENT;
		goto out;
	}
	error = own_directory(runtime.dir, where->uid, use, ret_why);
	if (!error)
		error = open_state_or_other(where, use, &runtime, ret_why);
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

/*
 * The name of this machine: the id that it got when it was installed, else its host name. Either can be
 * part of a file's name.
 */
static char *machine_name(void)
{
	char name[256] = "";
	FILE *file = memory_found(fopen("/etc/machine-id", "re"));

	if (file && !fgets(name, sizeof(name), file))
		name[0] = '\0';
	if (file)
		fclose(file);
	name[strcspn(name, "\n")] = '\0';
	/* The file may be empty, or say "uninitialized". */
	if (!name[0] || strspn(name, "0123456789abcdef") != strlen(name)) {
		if (gethostname(name, sizeof(name)))
			name[0] = '\0';
		name[sizeof(name) - 1] = '\0';
	}
	return memory_string(name[0] && !strchr(name, '/') ? name : "localhost");
}

int runtime_open(enum runtime_use use, struct runtime *ret_runtime, char **ret_why)
{
	const char *home = getenv("HOME");
	char *machine = machine_name();
	struct runtime_where where = {
		.xdg_runtime_dir = getenv("XDG_RUNTIME_DIR"),
		.xdg_state_home = getenv("XDG_STATE_HOME"),
		.home = is_absolute(home) ? home : home_of(getuid()),
		.run_user = "/run/user",
		.tmp = "/tmp",
		.uid = getuid(),
		.machine = machine,
	};
	int error = runtime_init(&where, use, ret_runtime, ret_why);

	free(machine);
	return error;
}

void runtime_finish(struct runtime *runtime)
{
	free(runtime->dir);
	free(runtime->state);
	free(runtime->passed_over);
	free(runtime->unwritable);
	*runtime = (struct runtime){0};
}

bool runtime_ends_at_logout(const struct runtime *runtime)
{
	const struct passwd *user = passwd_user(getuid());
	char *linger = memory_format("/var/lib/systemd/linger/%s", user ? user->pw_name : "");
	bool lingers = !user || access(linger, F_OK) == 0;

	free(linger);
	return strncmp(runtime->dir, "/run/user/", strlen("/run/user/")) == 0 && !lingers &&
	       access("/run/systemd/system", F_OK) == 0;
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

char *runtime_new_name(const struct runtime *runtime, char kind, uint64_t hash,
		       unsigned *generation)
{
	for (;;) {
		char *name = memory_format("%c-%016" PRIx64 "-%u", kind, hash, ++*generation);

		if (!name_is_used(runtime, name))
			return name;
		free(name);
	}
}

char **runtime_names(const struct runtime *runtime, const char *prefix)
{
	DIR *directory = memory_found(opendir(runtime->dir));
	char **names = memory_array(1, sizeof(*names));
	size_t count = 0, room = 1;
	const struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
			continue;
		names = memory_reserve(names, &room, count + 2, sizeof(*names));
		names[count++] = memory_string(entry->d_name);
		names[count] = NULL;
	}
	if (directory)
		closedir(directory);
	return names;
}
