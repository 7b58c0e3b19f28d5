#include "exec/lab/service/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "exec/lab/host/layout.h"
#include "exec/lab/kernel/namespace.h"
#include "exec/lab/kernel/program.h"
#include "exec/lab/service/inetd.h"

/* Between two attempts to connect; the wait ends at once when the server does. */
#define RETRY_MS 5
/* A server that does not accept by then will not. */
#define ATTEMPT_MAX 2000

static const char *directory_path(struct lab_service *service)
{
	return arena_format(&service->host->arena, LAB_SERVICES "/%s", service->service->name);
}

static const char *log_path(struct lab_service *service)
{
	return arena_format(&service->host->arena, LAB_LOG "/%s.log", service->service->name);
}

const char *lab_service_path(struct lab_service *service, const char *name)
{
	const char *directory = directory_path(service);

	/* That it cannot be made shows when the file is written. */
	(void)lab_directory_make(directory, 0755);
	return arena_format(&service->host->arena, "%s/%s", directory, name);
}

int lab_service_write(struct lab_service *service, const char *name, mode_t mode,
		      const struct strbuf *text)
{
	const char *path = lab_service_path(service, name);
	int error = lab_file_write(path, mode, strbuf_text(text), text->length);

	return error < 0 ? lab_problem_set(&service->host->problem, error, "cannot write %s: %s",
					   path, strerror(-error))
			 : 0;
}

static _Noreturn void daemon_run(const struct lab_service *service, int log, const char *program,
				 const char *const *argv)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(nothing, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	if (lab_user_become(&service->host->lab->user) < 0)
		_exit(1);
	lab_child_exec(program, argv);
}

int lab_daemon_start(struct lab_service *service, const char *const *argv)
{
	struct lab_host *host = service->host;
	const char *program;
	int error = lab_program_find(argv[0], &host->arena, &program, &host->problem), log;

	if (error < 0)
		return error;
	log = open(log_path(service), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log < 0)
		return lab_problem_set(&host->problem, -errno, "cannot write a log for %s: %s",
				       service->service->name, strerror(errno));
	service->child = (struct lab_child){.pid = fork(), .output = log, .program = argv[0]};
	if (service->child.pid == 0)
		daemon_run(service, log, program, argv);
	if (service->child.pid < 0)
		return lab_problem_set(&host->problem, -errno, "cannot start %s: %s", argv[0],
				       strerror(errno));
	return 0;
}

int lab_daemon_ready(struct lab_service *service)
{
	struct pollfd ended = {.fd = pidfd_open(service->child.pid, 0), .events = POLLIN};
	int attempts = 0, error = 0;

	while (!lab_listen_accepts(&service->listen) && error == 0) {
		if (poll(&ended, 1, RETRY_MS) > 0)
			error = lab_child_wait(&service->child, &service->host->problem);
		else if (++attempts == ATTEMPT_MAX)
			error = lab_problem_set(
				&service->host->problem, -ETIMEDOUT,
				"%s does not accept connections on %s", service->child.program,
				lab_listen_text(&service->listen, &service->host->arena));
	}
	if (ended.fd >= 0)
		close(ended.fd);
	return error;
}
