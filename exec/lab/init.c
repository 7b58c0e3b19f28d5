#include "exec/lab/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/lab/agent.h"
#include "exec/lab/host/host_files.h"
#include "exec/lab/host/layout.h"
#include "exec/lab/kernel/fabric.h"
#include "exec/lab/kernel/namespace.h"
#include "exec/lab/kernel/report.h"

/* The first process while it builds. */
struct init {
	const struct lab *lab;
	int far;     /* where reports go, and whence the word that all is well comes */
	int go;      /* the pipe's end whose closing lets the nodes go on */
	pid_t *pids; /* per node; all of them see it */
	struct arena arena;
	struct lab_problem problem;
};

static int run_mount(struct lab_problem *problem)
{
	int error = lab_tmpfs_mount(LAB_RUN);

	if (error < 0)
		return lab_problem_set(problem, error, "cannot mount the lab's own " LAB_RUN ": %s",
				       strerror(-error));
	error = lab_directory_make(LAB_EMPTY, 0755);
	if (error < 0)
		return lab_problem_set(problem, error, "cannot make " LAB_EMPTY ": %s",
				       strerror(-error));
	lab_proc_mount();
	return 0;
}

/* Forks the nodes, which wait until the pipe's other end is closed. */
static int nodes_fork(struct init *init)
{
	const struct lab_network *network = init->lab->network;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return lab_problem_set(&init->problem, -errno, "cannot make a pipe: %s",
				       strerror(errno));
	for (size_t n = 0; n < network->node_count; n++) {
		pid_t pid = lab_host_fork();

		if (pid == 0) {
			close(ends[1]);
			lab_agent_run(init->lab, n, init->pids, ends[0], init->far);
		}
		if (pid < 0)
			return lab_problem_set(&init->problem, pid,
					       "cannot make namespaces for %s: %s",
					       network->nodes[n].name, strerror(-pid));
		init->pids[n] = pid;
	}
	close(ends[0]);
	init->go = ends[1];
	return 0;
}

static int host_files_write(struct init *init)
{
	const struct lab_network *network = init->lab->network;
	int error = 0;

	for (size_t h = 0; h < network->topology->host_count && error == 0; h++)
		error = lab_host_files_write(init->lab, &network->nodes[h], &init->problem);
	return error;
}

/* The nodes see the pids of those who are forked after them. */
static int pids_create(struct init *init)
{
	const size_t size = init->lab->network->node_count * sizeof(*init->pids);
	void *pids = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (pids == MAP_FAILED)
		return lab_problem_set(&init->problem, -errno, "cannot share memory: %s",
				       strerror(errno));
	init->pids = pids;
	return 0;
}

/* The keys take longest, so they are made while the networks are. */
static int build(struct init *init)
{
	struct lab_keys keys;
	int error = run_mount(&init->problem);

	if (error == 0)
		error = host_files_write(init);
	if (error < 0)
		return error;
	lab_etc_mount(LAB_EMPTY);
	error = lab_keys_start(init->lab, &keys, &init->problem);
	if (error == 0)
		error = nodes_fork(init);
	if (error == 0)
		error = lab_fabric_create(init->lab->network, init->pids, &init->problem);
	error = lab_keys_finish(init->lab, &keys, error, &init->problem);
	if (error == 0)
		close(init->go);
	return error;
}

/* A node that ends by itself is a fault of ours or a kill: the lab cannot come up without it. */
static void report_ended(struct init *init, pid_t pid)
{
	const struct lab_network *network = init->lab->network;
	struct lab_report report = {.kind = LAB_REPORT_PROBLEM};

	for (size_t n = 0; n < network->node_count; n++) {
		if (init->pids[n] != pid)
			continue;
		lab_problem_set(&report.problem, 0, "the process of %s ended before it was ready",
				network->nodes[n].name);
		lab_report_send(init->far, &report);
	}
}

static void child_ended(int number)
{
	(void)number; /* its coming is what ends a wait */
}

/* Waits for the word that all is well, or ends the lab when the other end closes without it. */
static void wait_for_commit(struct init *init)
{
	struct sigaction action = {.sa_handler = child_ended};
	struct pollfd near = {.fd = init->far, .events = POLLIN};
	sigset_t none, child;
	char byte;
	pid_t pid;

	sigemptyset(&none);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	sigaction(SIGCHLD, &action, NULL);
	do {
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			report_ended(init, pid);
	} while (ppoll(&near, 1, NULL, &none) < 0);
	if (recv(init->far, &byte, 1, 0) != 1)
		_exit(0);
	close(init->far);
	sigprocmask(SIG_UNBLOCK, &child, NULL);
}

/* What pid 1 is for: orphans of all hosts become its children. */
static _Noreturn void reap(void)
{
	for (;;)
		if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
			pause();
}

static _Noreturn void init_run(struct init *init)
{
	struct lab_report report = {.kind = LAB_REPORT_STARTED};

	prctl(PR_SET_NAME, "lab");
	lab_report_send(init->far, &report);
	if (pids_create(init) < 0 || build(init) < 0) {
		report.kind = LAB_REPORT_PROBLEM;
		report.problem = init->problem;
		lab_report_send(init->far, &report);
		_exit(1);
	}
	wait_for_commit(init);
	reap();
}

/* Leaves the caller's session, signals and descriptors; returns the far end's new number. */
static int detach(int log, int far)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), kept = STDERR_FILENO + 1;
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	umask(022);
	/* Far away first: either may stand where the other must go. */
	log = fcntl(log, F_DUPFD_CLOEXEC, 64);
	far = fcntl(far, F_DUPFD_CLOEXEC, 64);
	if (nothing < 0 || log < 0 || far < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
	    dup3(far, kept, O_CLOEXEC) < 0)
		return -errno;
	close_range((unsigned)kept + 1, ~0U, 0);
	return kept;
}

/* Between the caller and the first process: only a child of who made the namespace is in it. */
static _Noreturn void starter_run(const struct lab *lab, int log, int far)
{
	struct init init = {.lab = lab, .far = detach(log, far)};
	struct lab_report report = {.kind = LAB_REPORT_PROBLEM};
	pid_t pid;

	if (init.far < 0)
		_exit(1);
	if (lab_namespaces_create(&lab->user, &report.problem) == 0) {
		pid = fork();
		if (pid == 0)
			init_run(&init);
		if (pid > 0)
			_exit(0);
		lab_problem_set(&report.problem, -errno, "cannot start the lab: %s",
				strerror(errno));
	}
	lab_report_send(init.far, &report);
	_exit(1);
}

int lab_init_start(const struct lab *lab, int log, int *ret_near, struct lab_problem *problem)
{
	int ends[2], error = lab_report_open(ends);
	pid_t pid;

	if (error < 0)
		return lab_problem_set(problem, error, "cannot make a socket: %s",
				       strerror(-error));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		starter_run(lab, log, ends[1]);
	}
	error = -errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return lab_problem_set(problem, error, "cannot start the lab: %s",
				       strerror(-error));
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	*ret_near = ends[0];
	return 0;
}

int lab_init_commit(int near)
{
	return send(near, "", 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}
