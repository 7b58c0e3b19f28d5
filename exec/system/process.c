#include "exec/system/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topology/base/memory.h"
#include "topology/base/strbuf.h"

static void close_from(int first)
{
	DIR *directory = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (!directory) {
		for (int fd = first; fd < 1024; fd++)
			close(fd);
		return;
	}
	while ((entry = readdir(directory))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (fd >= first && fd != dirfd(directory))
			close(fd);
	}
	closedir(directory);
}

/* Opens /dev/null for each of stdin, stdout and stderr that is closed. */
static int fill_standard(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -errno;
	return 0;
}

static void raise_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int process_detach(int first_closed)
{
	sigset_t none;

	setsid(); /* fails only if we lead a session already */
	/* The client that started us may have blocked what it wants to hear of itself. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (chdir("/"))
		return -errno;
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	close_from(first_closed);
	raise_open_files();
	return fill_standard();
}

static int is_dropped(const char *entry)
{
	static const char *const dropped[] = {
		"NOTIFY_SOCKET=", "LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES=", "SHELL="};

	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (strncmp(entry, dropped[i], strlen(dropped[i])) == 0)
			return 1;
	return 0;
}

char **process_master_env(const char *const *env)
{
	size_t count = 0, kept = 0;
	char **copy;

	while (env[count])
		count++;
	copy = memory_array(count + 2, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		if (!is_dropped(env[i]))
			copy[kept++] = memory_string(env[i]);
	copy[kept] = memory_string("SHELL=/bin/sh");
	return copy;
}

void process_child_ended(int status)
{
	/* memory_exhausted()'s. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
		_exit(1);
}

/* Appends what a file of a process in /proc says: texts one after the other. */
static void read_proc(pid_t pid, const char *name, struct strbuf *text)
{
	char path[64], block[4096];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, block, sizeof(block))) > 0)
		strbuf_add(text, block, (size_t)got);
	if (fd >= 0)
		close(fd);
}

char **process_environment(pid_t pid)
{
	struct strbuf text = {0};
	size_t count = 0, room = 0;
	char **entries = NULL;

	read_proc(pid, "environ", &text);
	for (const char *at = text.text; at && at < text.text + text.length; at += strlen(at) + 1) {
		entries = memory_reserve(entries, &room, count + 2, sizeof(*entries));
		entries[count++] = memory_string(at);
		entries[count] = NULL;
	}
	strbuf_finish(&text);
	return entries;
}

bool process_has_argument(pid_t pid, const char *word)
{
	struct strbuf line = {0};
	bool found;

	read_proc(pid, "cmdline", &line);
	found = line.length && memmem(line.text, line.length, word, strlen(word)) != NULL;
	strbuf_finish(&line);
	return found;
}

pid_t process_find(const char *word)
{
	DIR *directory = memory_found(opendir("/proc"));
	const struct dirent *entry;
	pid_t found = 0;

	while (directory && !found && (entry = readdir(directory))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		struct stat info;

		if (pid > 1 && pid != getpid() && process_has_argument(pid, word) &&
		    fstatat(dirfd(directory), entry->d_name, &info, 0) == 0 &&
		    info.st_uid == geteuid())
			found = pid;
	}
	if (directory)
		closedir(directory);
	return found;
}

bool process_can_run(const char *path)
{
	return access(path, X_OK) == 0;
}

bool process_can_read(const char *path)
{
	return access(path, R_OK) == 0;
}
