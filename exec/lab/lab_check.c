#include "exec/lab/lab_check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/lab/service/inetd.h"
#include "exec/system/process.h"

/* The exit status of a child that could not ask; 1 is that of one without memory (process.h). */
#define FAILED 2
/* The one of a child that found the host without its files. */
#define STALE 3

/* In a child, because there is no way back from a namespace: one byte per listener into the pipe. */
static _Noreturn void ask(const struct lab_exec_target *entry, const struct lab_listen *listens,
			  size_t count, int pipe)
{
	struct lab_problem unheard = {""};

	int error = lab_exec_enter(entry, &unheard);

	if (error < 0)
		_exit(error == -ESTALE ? STALE : FAILED);
	for (size_t p = 0; p < count; p++) {
		char answer = lab_listen_accepts(&listens[p]) ? 'y' : 'n';

		if (write(pipe, &answer, 1) != 1)
			_exit(FAILED);
	}
	_exit(0);
}

int lab_check_listeners(const struct lab_exec_target *entry, const struct lab_listen *listens,
			size_t count, bool *ret_answers)
{
	int ends[2], status, error = 0;
	pid_t pid;

	if (count)
		memset(ret_answers, 0, count * sizeof(*ret_answers));
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		ask(entry, listens, count, ends[1]);
	if (pid < 0)
		error = -errno;
	close(ends[1]);
	for (size_t p = 0; p < count && error == 0; p++) {
		char answer;

		if (read(ends[0], &answer, 1) != 1)
			break;
		ret_answers[p] = answer == 'y';
	}
	close(ends[0]);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status != 0) {
		process_child_ended(status);
		error = WIFEXITED(status) && WEXITSTATUS(status) == STALE ? -ESTALE : -ESRCH;
	}
	return error;
}
