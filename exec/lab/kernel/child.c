#include "exec/lab/kernel/child.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/lab/kernel/program.h"

/* The exit status by which a shell, too, says that a program could not be run. */
#define STATUS_MISSING 127

static int write_all(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, text, size);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			text += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

/* Returns a memory file that holds a text and is read from its start, or -errno. */
static int memory_file(const char *text, size_t size)
{
	int fd = memfd_create("lab", MFD_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, text, size);
	if (error == 0 && lseek(fd, 0, SEEK_SET) < 0)
		error = -errno;
	if (error < 0) {
		close(fd);
		return error;
	}
	return fd;
}

_Noreturn void lab_child_exec(const char *path, const char *const *argv)
{
	char *words[32];
	size_t count = 0;

	/* execv() wants char *const[], although it changes nothing. */
	while (count < sizeof(words) / sizeof(words[0]) - 1 && argv[count]) {
		memcpy(&words[count], &argv[count], sizeof(words[count]));
		count++;
	}
	words[count] = NULL;
	execv(path, words);
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	_exit(STATUS_MISSING);
}

/* Starts the program at path between two memory files. */
static int start_between(const char *path, const char *const *argv, int in, int out,
			 struct lab_child *ret_child)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		lab_child_exec(path, argv);
	}
	*ret_child = (struct lab_child){.pid = pid, .output = out, .program = argv[0]};
	return 0;
}

int lab_child_start(const char *const *argv, const char *input, size_t input_size,
		    struct lab_child *ret_child, struct lab_problem *problem)
{
	struct arena arena = {0};
	const char *path;
	int error = lab_program_find(argv[0], &arena, &path, problem), in = -1, out = -1;

	if (error < 0)
		goto out;
	in = error = memory_file(input ? input : "", input_size);
	if (error >= 0)
		out = error = memory_file("", 0);
	if (error >= 0)
		error = start_between(path, argv, in, out, ret_child);
	if (error < 0)
		lab_problem_set(problem, error, "cannot start %s: %s", argv[0], strerror(-error));
	if (in >= 0)
		close(in);
	if (error < 0 && out >= 0)
		close(out);
out:
	arena_finish(&arena);
	return error;
}

/* Reads the first line that the program wrote. */
static void first_line(int fd, char *ret_line, size_t size)
{
	ssize_t length = pread(fd, ret_line, size - 1, 0);

	ret_line[length > 0 ? length : 0] = '\0';
	ret_line[strcspn(ret_line, "\n")] = '\0';
}

int lab_child_wait(struct lab_child *child, struct lab_problem *problem)
{
	char line[256];
	int status, error = 0;
	pid_t ended;

	do {
		ended = waitpid(child->pid, &status, 0);
	} while (ended < 0 && errno == EINTR);
	first_line(child->output, line, sizeof(line));
	if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		error = lab_problem_set(problem, -EIO, "%s failed: %s", child->program, line);
	close(child->output);
	*child = (struct lab_child){0};
	return error;
}

int lab_child_run(const char *const *argv, const char *input, struct lab_problem *problem)
{
	struct lab_child child = {0};
	int error = lab_child_start(argv, input, input ? strlen(input) : 0, &child, problem);

	return error < 0 ? error : lab_child_wait(&child, problem);
}
