#include "exec/lab/agent.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "exec/lab/host/host_files.h"
#include "exec/lab/host/layout.h"
#include "exec/lab/kernel/fabric.h"
#include "exec/lab/kernel/report.h"
#include "exec/lab/service/relay.h"
#include "exec/lab/service/service.h"
#include "exec/lab/service/sshd.h"
#include "topology/base/memory.h"

/* Waits until the other end of a pipe is closed. */
static void wait_for_end(int pipe)
{
	char byte;
	ssize_t size;

	do {
		size = read(pipe, &byte, 1);
	} while (size > 0 || (size < 0 && errno == EINTR));
	close(pipe);
}

/* The name by which ps shows the process. */
static void name_set(const struct lab_node *node)
{
	char name[16];

	snprintf(name, sizeof(name), "lab %.11s", node->name);
	prctl(PR_SET_NAME, name);
}

/* Makes the environment what every program of the host gets, and nothing else. */
static void environment_set(struct lab_host *host)
{
	const struct lab_variable *variable =
		lab_host_environment(host->lab, host->node, &host->arena);

	clearenv();
	for (; variable->name; variable++)
		if (setenv(variable->name, variable->value, 1))
			memory_exhausted();
}

static int host_start(struct lab_host *host)
{
	int error = lab_host_files_mount(host->node, &host->problem);

	if (error < 0)
		return error;
	environment_set(host);
	if (sethostname(host->node->name, strnlen(host->node->name, HOST_NAME_MAX)) < 0)
		return lab_problem_set(&host->problem, -errno, "cannot name %s: %s",
				       host->node->name, strerror(errno));
	if (chdir(LAB_HOME) < 0)
		return lab_problem_set(&host->problem, -errno, "cannot enter " LAB_HOME ": %s",
				       strerror(errno));
	if (!host->host->ssh->none) {
		const struct lab_listen listen = lab_listen_any(host->host->ssh->port);

		error = lab_sshd_listen(host, &listen, "sshd");
	}
	if (error == 0)
		error = lab_services_start(host);
	if (error < 0) {
		/* Most sentences do not know on which host it was. */
		struct lab_problem whole = {""};

		lab_problem_set(&whole, error, "%s: %s", host->node->name, host->problem.text);
		host->problem = whole;
	}
	return error;
}

_Noreturn void lab_agent_run(const struct lab *lab, size_t node, const pid_t *pids, int go, int far)
{
	struct lab_host host = {.lab = lab, .node = &lab->network->nodes[node]};
	struct lab_report report = {.kind = LAB_REPORT_READY, .node = node};
	int error;

	host.inetd.arena = &host.arena;
	name_set(host.node);
	wait_for_end(go);
	error = lab_node_configure(lab->network, host.node, &host.problem);
	if (error == 0 && host.node->host != TOPOLOGY_NONE) {
		host.host = &lab->network->topology->hosts[host.node->host];
		error = host_start(&host);
	}
	if (error == 0)
		error = lab_relays_start(&host, pids);
	if (error < 0) {
		report.kind = LAB_REPORT_PROBLEM;
		report.problem = host.problem;
	}
	lab_report_send(far, &report);
	close(far);
	if (error < 0)
		_exit(1);
	lab_inetd_run(&host.inetd);
}
