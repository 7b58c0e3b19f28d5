#include "exec/lab/service/sshd.h"

#include <unistd.h>

#include "exec/lab/host/host_files.h"
#include "exec/lab/host/layout.h"
#include "exec/lab/kernel/namespace.h"
#include "exec/lab/kernel/program.h"

/* What serving a connection needs; made once per listener. */
struct sshd {
	const struct lab *lab;
	const char *program; /* absolute, or sshd refuses */
	const char *configuration;
	const char *log; /* absolute, or sshd writes elsewhere */
};

static void serve(int connection, const void *context)
{
	const struct sshd *sshd = context;
	const char *argv[] = {sshd->program, "-i",      "-f", sshd->configuration,
			      "-E",          sshd->log, NULL};

	/* Its sessions would be in the machine's home directories, and read the keys there. */
	if (lab_host_files_shown())
		return;
	dup2(connection, STDIN_FILENO);
	dup2(connection, STDOUT_FILENO);
	if (lab_user_become(&sshd->lab->user) == 0)
		lab_child_exec(sshd->program, argv);
}

int lab_sshd_listen(struct lab_host *host, const struct lab_listen *listen,
		    const char *configuration)
{
	struct sshd *sshd = arena_alloc(&host->arena, sizeof(*sshd));
	int error = lab_program_find("sshd", &host->arena, &sshd->program, &host->problem);

	if (error < 0)
		return error;
	sshd->lab = host->lab;
	sshd->configuration = arena_format(&host->arena, LAB_SSHD "/%s", configuration);
	sshd->log = arena_format(&host->arena, LAB_LOG "/%s.log", configuration);
	return lab_inetd_listen(&host->inetd, listen, serve, sshd, &host->problem);
}
