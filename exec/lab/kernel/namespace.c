#include "exec/lab/kernel/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What each lab has to itself, besides users. Processes: those that come after. */
#define LAB_NAMESPACES (CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID)
/* What each host of it has to itself. */
#define HOST_NAMESPACES (CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS)
/* Where Ubuntu 24.04 says that only programs with a profile get user namespaces that are of use. */
#define APPARMOR_SETTING "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"

static int text_write(const char *path, int flags, mode_t mode, const char *text, size_t size)
{
	int fd = open(path, flags | O_WRONLY | O_CLOEXEC, mode), error = 0;

	if (fd < 0)
		return -errno;
	while (size > 0 && error == 0) {
		ssize_t written = write(fd, text, size);

		if (written < 0 && errno != EINTR) {
			error = -errno;
		} else if (written > 0) {
			text += written;
			size -= (size_t)written;
		}
	}
	if (close(fd) < 0 && error == 0)
		error = -errno;
	return error;
}

/* Maps one user and one group into the caller's new user namespace. */
static int user_map(unsigned inside_uid, unsigned inside_gid, unsigned outside_uid,
		    unsigned outside_gid)
{
	char map[64];
	int length, error;

	error = text_write("/proc/self/setgroups", 0, 0, "deny", 4);
	if (error < 0 && error != -ENOENT)
		return error;
	length = snprintf(map, sizeof(map), "%u %u 1", inside_uid, outside_uid);
	error = text_write("/proc/self/uid_map", 0, 0, map, (size_t)length);
	if (error < 0)
		return error;
	length = snprintf(map, sizeof(map), "%u %u 1", inside_gid, outside_gid);
	return text_write("/proc/self/gid_map", 0, 0, map, (size_t)length);
}

/* Whether a file of /proc begins with that letter; false when there is no such file. */
static bool begins_with(const char *path, char letter)
{
	char value = '\0';
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, &value, 1) != 1)
		value = '\0';
	close(fd);
	return value == letter;
}

static int refused(const struct lab_user *user, int error, struct lab_problem *problem)
{
	if (user->uid == 0)
		return lab_problem_set(
			problem, error,
			"no lab can be made here: root may not make namespaces (%s); "
			"a container needs the capability SYS_ADMIN for it",
			strerror(-error));
	if (begins_with(APPARMOR_SETTING, '1'))
		return lab_problem_set(
			problem, error,
			"no lab can be made here: this system keeps user namespaces from ordinary "
			"users; run it with sudo, or allow them with: sudo sysctl "
			"kernel.apparmor_restrict_unprivileged_userns=0");
	return lab_problem_set(problem, error,
			       "no lab can be made here: user namespaces are not allowed (%s); run "
			       "it with sudo, or see /proc/sys/user/max_user_namespaces",
			       strerror(-error));
}

int lab_namespaces_create(const struct lab_user *user, struct lab_problem *problem)
{
	int error = 0;

	if (user->uid == 0 && begins_with("/proc/self/setgroups", 'd'))
		return lab_problem_set(
			problem, -EPERM,
			"no lab can be made here: root of a user namespace of one "
			"user cannot run sshd; leave it and make the lab as yourself");
	if (user->uid != 0) {
		error = unshare(CLONE_NEWUSER) < 0 ? -errno : user_map(0, 0, user->uid, user->gid);
		if (error < 0)
			return refused(user, error, problem);
	}
	if (unshare(LAB_NAMESPACES) < 0)
		return refused(user, -errno, problem);
	/* What is mounted in the lab stays in the lab. */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		return 0;
	/* Whoever enters a host would find himself outside of the chroot, too. */
	if (errno == EINVAL)
		return lab_problem_set(problem, -EINVAL,
				       "no lab can be made in a chroot: / is no mount point here; "
				       "use a container, or systemd-nspawn");
	return refused(user, -errno, problem);
}

pid_t lab_host_fork(void)
{
	/* The C library has no fork() with flags; without a stack argument clone() is one. */
	long pid = syscall(SYS_clone, HOST_NAMESPACES | SIGCHLD, NULL, NULL, NULL, NULL);

	return pid < 0 ? -errno : (pid_t)pid;
}

int lab_user_become(const struct lab_user *user)
{
	if (user->uid == 0)
		return 0;
	if (unshare(CLONE_NEWUSER) < 0)
		return -errno;
	return user_map(user->uid, user->gid, 0, 0);
}

void lab_proc_mount(void)
{
	/*
	 * In a container whose /proc is partly hidden this is refused. Then ps shows the machine's
	 * processes, and nothing else is different.
	 */
	(void)mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

int lab_tmpfs_mount(const char *path)
{
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return -errno;
	return 0;
}

int lab_bind_mount(const char *from, const char *to)
{
	if (mount(from, to, NULL, MS_BIND, NULL) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

void lab_etc_mount(const char *empty)
{
	char option[256];

	/* Without a directory to write to, overlayfs wants at least two to read. */
	snprintf(option, sizeof(option), "lowerdir=%s:/etc", empty);
	/*
	 * Refused to ordinary users before Linux 5.11 and where a container has mounts of its own in
	 * /etc; then whoever enters a host looks whether its files are still there.
	 */
	(void)mount("overlay", "/etc", "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, option);
}

int lab_directory_make(const char *path, mode_t mode)
{
	char part[4096];
	size_t length = strlen(path);

	if (length >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, length + 1);
	for (char *at = part + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return -errno;
	/* The umask does not decide here. */
	return chmod(path, mode) < 0 ? -errno : 0;
}

int lab_file_write(const char *path, mode_t mode, const char *text, size_t size)
{
	return text_write(path, O_CREAT | O_TRUNC, mode, text, size);
}

int lab_setting_write(const char *name, const char *value)
{
	char path[256];
	int error;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	error = text_write(path, 0, 0, value, strlen(value));
	return error == -ENOENT ? 0 : error;
}
