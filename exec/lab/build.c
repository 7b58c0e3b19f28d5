#include "exec/lab/build.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exec/lab/init.h"
#include "exec/lab/kernel/namespace.h"
#include "exec/lab/kernel/program.h"
#include "exec/lab/kernel/report.h"
#include "exec/system/passwd.h"
#include "topology/base/memory.h"

/* A lab that is not up by then has a fault that nobody reported. */
#define BUILD_DEADLINE_MS 30000
/* The kernel ends a lab's processes in milliseconds; a machine under load may need more. */
#define END_DEADLINE_MS 10000

/* What ends a build early. */
static const int interrupts[] = {SIGINT, SIGTERM, SIGHUP};
#define INTERRUPT_COUNT (sizeof(interrupts) / sizeof(interrupts[0]))

/* --- the caller ------------------------------------------------------------------------------ */

/* A shell that a login can end in: accounts of services have none, and the lab has no services. */
static const char *login_shell(const struct passwd *entry)
{
	const char *shell = entry && entry->pw_shell[0] ? entry->pw_shell : "/bin/sh";
	const char *slash = strrchr(shell, '/'), *name = slash ? slash + 1 : shell;

	if (strcmp(name, "nologin") == 0 || strcmp(name, "false") == 0 || access(shell, X_OK) < 0)
		return "/bin/sh";
	return shell;
}

int lab_caller(struct lab *lab, struct arena *arena, struct lab_problem *problem)
{
	char *program = memory_found(realpath("/proc/self/exe", NULL));
	const struct passwd *entry;
	const char *name;

	if (!program)
		return lab_problem_set(problem, -errno, "cannot tell where tunplan is: %s",
				       strerror(errno));
	entry = passwd_user(geteuid());
	name = entry ? entry->pw_name : getenv("USER");
	lab->user = (struct lab_user){.uid = geteuid(),
				      .gid = getegid(),
				      .name = arena_string(arena, name && *name ? name : "you"),
				      .shell = arena_string(arena, login_shell(entry))};
	lab->program = arena_string(arena, program);
	free(program);
	return 0;
}

/* --- ending ---------------------------------------------------------------------------------- */

static int wait_until_gone(int pidfd, int timeout_ms)
{
	struct pollfd gone = {.fd = pidfd, .events = POLLIN};
	int count;

	do {
		count = poll(&gone, 1, timeout_ms);
	} while (count < 0 && errno == EINTR);
	return count > 0 ? 0 : count < 0 ? -errno : -ETIMEDOUT;
}

/* Kills a process that is certain and waits until it and all of its namespace are gone. */
static int process_end(const struct lab_process_id *process)
{
	int pidfd = pidfd_open(process->pid, 0), error = 0;

	if (pidfd < 0)
		return errno == ESRCH ? 0 : -errno;
	/* From here on the pid cannot come to mean another process, so look whether it is ours. */
	if (lab_process_id_alive(process)) {
		error = pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 ? -errno : 0;
		if (error == 0)
			error = wait_until_gone(pidfd, END_DEADLINE_MS);
	}
	close(pidfd);
	return error;
}

int lab_end(struct lab_record *record, struct lab_problem *problem)
{
	int error = process_end(&record->init);

	if (error < 0)
		return lab_problem_set(problem, error, "cannot end the lab's process %ld: %s",
				       (long)record->init.pid, strerror(-error));
	lab_record_forget(record);
	return 0;
}

/* --- making ---------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
	(void)number;
	interrupted = 1;
}

/* Signals as they were before a build. */
struct signals {
	struct sigaction actions[INTERRUPT_COUNT];
	sigset_t mask;
};

/* Lets an interrupt only be noted, and only while waiting: what was started must be ended. */
static void signals_hold(struct signals *ret_before)
{
	struct sigaction note = {.sa_handler = note_interrupt};
	sigset_t held;

	interrupted = 0;
	sigemptyset(&held);
	for (size_t i = 0; i < INTERRUPT_COUNT; i++)
		sigaddset(&held, interrupts[i]);
	sigprocmask(SIG_BLOCK, &held, &ret_before->mask);
	for (size_t i = 0; i < INTERRUPT_COUNT; i++) {
		sigaction(interrupts[i], NULL, &ret_before->actions[i]);
		if (ret_before->actions[i].sa_handler != SIG_IGN)
			sigaction(interrupts[i], &note, NULL);
	}
}

static void signals_release(const struct signals *before)
{
	for (size_t i = 0; i < INTERRUPT_COUNT; i++)
		sigaction(interrupts[i], &before->actions[i], NULL);
	sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes one report into the record. Returns 0, or -errno with what the lab said. */
static int report_take(const struct lab_report *report, pid_t sender, struct lab_record *record,
		       struct lab_problem *problem)
{
	switch (report->kind) {
	case LAB_REPORT_STARTED:
		record->init = lab_process_id_find(sender);
		return 0;
	case LAB_REPORT_READY:
		record->nodes[report->node] = lab_process_id_find(sender);
		return 0;
	case LAB_REPORT_PROBLEM:
		break;
	}
	return lab_problem_set(problem, -ECANCELED, "%s", report->problem.text);
}

/* Receives until every node is ready. */
static int wait_for_nodes(int near, const sigset_t *mask, struct lab_record *record,
			  struct lab_problem *problem)
{
	long deadline = now_ms() + BUILD_DEADLINE_MS;
	size_t ready = 0;

	while (ready < record->node_count) {
		struct lab_report report;
		pid_t sender;
		long left_ms = deadline - now_ms();
		int error = lab_report_receive(near, left_ms > 0 ? (int)left_ms : 0, mask, &report,
					       &sender);

		if (interrupted)
			return -EINTR;
		if (error == -ETIMEDOUT)
			return lab_problem_set(problem, error,
					       "the lab is not ready after %d s: %zu of %zu hosts",
					       BUILD_DEADLINE_MS / 1000, ready, record->node_count);
		if (error <= 0)
			return lab_problem_set(problem, error < 0 ? error : -ECONNRESET,
					       "the lab ended while it was being built");
		error = report_take(&report, sender, record, problem);
		if (error < 0)
			return error;
		ready += report.kind == LAB_REPORT_READY;
	}
	return 0;
}

/*
 * Ends a lab that is not complete: kills its first process where that is known yet, and waits until
 * nobody is left to report. One that comes to know late that the near end is closed ends itself.
 */
static void abandon(int near, struct lab_record *record)
{
	struct lab_report report;
	struct lab_problem unheard = {""};
	pid_t sender;

	shutdown(near, SHUT_WR);
	process_end(&record->init);
	while (lab_report_receive(near, END_DEADLINE_MS, NULL, &report, &sender) == 1) {
		report_take(&report, sender, record, &unheard);
		process_end(&record->init);
	}
}

/* Starts the lab, waits for it and records it. */
static int build(const struct lab *lab, int log, const sigset_t *mask, struct lab_record *record,
		 struct lab_problem *problem)
{
	int near, error = lab_init_start(lab, log, &near, problem);

	if (error < 0)
		return error;
	error = wait_for_nodes(near, mask, record, problem);
	if (error == 0)
		error = lab_record_save(record, problem);
	if (error == 0 && lab_init_commit(near) < 0)
		error = lab_problem_set(problem, -ECONNRESET,
					"the lab ended as soon as it was built");
	if (error < 0)
		abandon(near, record);
	close(near);
	return error;
}

int lab_build(const struct lab *lab, struct lab_record *record, struct lab_problem *problem)
{
	struct signals before;
	int log = lab_record_log(record), error;

	if (log < 0)
		return lab_problem_set(problem, log, "cannot write to %s: %s", record->directory,
				       strerror(-log));
	record->init = (struct lab_process_id){0};
	record->node_count = lab->network->node_count;
	record->nodes = arena_array(&record->arena, record->node_count, sizeof(*record->nodes));
	signals_hold(&before);
	error = build(lab, log, &before.mask, record, problem);
	if (error < 0)
		lab_record_forget(record);
	signals_release(&before);
	close(log);
	return error;
}

int lab_possible(struct lab_problem *problem)
{
	struct arena arena = {0};
	struct lab lab = {0};
	struct lab_report report = {.kind = LAB_REPORT_READY};
	const char *sshd;
	pid_t sender, pid = -1;
	int ends[2] = {-1, -1}, error = lab_caller(&lab, &arena, problem);

	if (error == 0)
		error = lab_program_find("sshd", &arena, &sshd, problem);
	if (error == 0)
		error = lab_report_open(ends);
	if (error < 0)
		goto out;
	pid = fork();
	if (pid == 0) {
		if (lab_namespaces_create(&lab.user, &report.problem) < 0)
			report.kind = LAB_REPORT_PROBLEM;
		lab_report_send(ends[1], &report);
		_exit(0);
	}
	close(ends[1]);
	error = lab_report_receive(ends[0], BUILD_DEADLINE_MS, NULL, &report, &sender);
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	error = error == 1 && report.kind == LAB_REPORT_READY ? 0 : -EPERM;
	if (error < 0)
		lab_problem_set(problem, error, "%s", report.problem.text);
out:
	arena_finish(&arena);
	return error;
}
