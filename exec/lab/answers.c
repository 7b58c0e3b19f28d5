#include "exec/lab/answers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

bool lab_port_accepts(uint16_t port)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool accepted;

	if (fd < 0)
		return false;
	accepted = connect(fd, (const struct sockaddr *)&here, sizeof(here)) == 0;
	close(fd);
	return accepted;
}

/* In a child, because there is no way back from a namespace: one byte per port into the pipe. */
static _Noreturn void ask(const struct lab_entry *entry, const uint16_t *ports, size_t count,
			  int pipe)
{
	struct lab_problem unheard = {""};

	if (lab_enter(entry, &unheard) < 0)
		_exit(1);
	for (size_t p = 0; p < count; p++) {
		char answer = lab_port_accepts(ports[p]) ? 'y' : 'n';

		if (write(pipe, &answer, 1) != 1)
			_exit(1);
	}
	_exit(0);
}

int lab_answers(const struct lab_entry *entry, const uint16_t *ports, size_t count,
		bool *ret_answers)
{
	int ends[2], status, error = 0;
	pid_t pid;

	memset(ret_answers, 0, count * sizeof(*ret_answers));
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		ask(entry, ports, count, ends[1]);
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
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status != 0)
		error = -ESRCH;
	return error;
}
