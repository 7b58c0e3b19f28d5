#include "exec/lab/lab_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/lab/host/host_files.h"
#include "exec/lab/host/layout.h"
#include "exec/lab/kernel/namespace.h"
#include "exec/system/process.h"
#include "topology/base/memory.h"

/* What the caller is told and hands on to the program. */
static const int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
#define PASSED_COUNT (sizeof(passed_on) / sizeof(passed_on[0]))

/* The program, for the handler; 0 before it runs. */
static volatile pid_t running;

/* Variables of the caller that mean something on the machine and nothing on a host of the lab. */
static const char *const dropped[] = {
	"XDG_CONFIG_HOME",
	"XDG_CACHE_HOME",
	"XDG_DATA_HOME",
	"XDG_STATE_HOME",
	"SSH_AUTH_SOCK",
	"SSH_AGENT_PID",
	"SSH_ASKPASS",
	"SSH_CONNECTION",
	"SSH_CLIENT",
	"SSH_TTY",
	"MAIL",
	"DBUS_SESSION_BUS_ADDRESS",
	"OLDPWD",
	"GIT_SSH_COMMAND",
	"GIT_SSH",
	"BASH_ENV",
	"ENV",
	"http_proxy",
	"https_proxy",
	"all_proxy",
	"no_proxy",
	"HTTP_PROXY",
	"HTTPS_PROXY",
	"ALL_PROXY",
	"NO_PROXY",
};

int lab_exec_enter(const struct lab_exec_target *entry, struct lab_problem *problem)
{
	int what = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
	const char *shown;
	int pidfd = pidfd_open(entry->agent.pid, 0), error = 0;

	if (entry->lab->user.uid != 0)
		what |= CLONE_NEWUSER;
	if (pidfd < 0 || !lab_process_id_alive(&entry->agent))
		error = -ESRCH;
	else if (setns(pidfd, what) < 0)
		error = -errno;
	if (pidfd >= 0)
		close(pidfd);
	if (error < 0)
		return lab_problem_set(problem, error, "cannot enter %s: %s", entry->node->name,
				       error == -ESRCH ? "its process has ended"
						       : strerror(-error));
	shown = lab_host_files_shown();
	if (shown)
		return lab_problem_set(
			problem, -ESTALE,
			"%s has lost its own %s and sees the machine's, because that "
			"was replaced; to mend it: tunplan lab down, then tunplan lab up",
			entry->node->name, shown);
	return 0;
}

/* --- the program ----------------------------------------------------------------------------- */

static void environment_set(const struct lab_exec_target *entry)
{
	struct arena arena = {0};
	const struct lab_variable *variable = lab_host_environment(entry->lab, entry->node, &arena);
	char prompt[300];

	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		unsetenv(dropped[i]);
	for (; variable->name; variable++)
		if (setenv(variable->name, variable->value, 1))
			memory_exhausted();
	/* For shells that take it from here; others show the host's name by themselves. */
	snprintf(prompt, sizeof(prompt), "%s:$PWD$ ", entry->node->name);
	if (setenv("PS1", prompt, 1))
		memory_exhausted();
	arena_finish(&arena);
}

static _Noreturn void program_run(const struct lab_exec_target *entry, char *const *argv)
{
	if (lab_user_become(&entry->lab->user) < 0) {
		fprintf(stderr, "tunplan: cannot become %s: %s\n", entry->lab->user.name,
			strerror(errno));
		_exit(255);
	}
	environment_set(entry);
	if (!entry->directory || chdir(entry->directory) < 0)
		(void)!chdir(LAB_HOME);
	execvp(argv[0], argv);
	fprintf(stderr, "tunplan: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* --- its terminal and its signals ------------------------------------------------------------ */

/*
 * Makes a process group the terminal's foreground one. Ours may be in the background: no stopping.
 */
static void terminal_give(pid_t group)
{
	void (*before)(int) = signal(SIGTTOU, SIG_IGN);

	tcsetpgrp(STDIN_FILENO, group);
	signal(SIGTTOU, before);
}

static void pass_on(int number)
{
	if (running > 0)
		kill(running, number);
}

static void signals_pass_on(void)
{
	struct sigaction action = {.sa_handler = pass_on, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < PASSED_COUNT; i++) {
		struct sigaction before;

		sigaction(passed_on[i], NULL, &before);
		if (before.sa_handler != SIG_IGN)
			sigaction(passed_on[i], &action, NULL);
	}
}

/* Stops with the program, and lets it go on when we do: as a shell's job, both are one. */
static void stop_together(bool foreground)
{
	if (foreground)
		terminal_give(getpgrp());
	raise(SIGSTOP);
	if (foreground)
		terminal_give(running);
	kill(-running, SIGCONT);
}

/* Waits for the end of the program and returns its status as a shell would. */
static int program_wait(bool foreground)
{
	int status;

	for (;;) {
		pid_t pid = waitpid(running, &status, foreground ? WUNTRACED : 0);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return 255;
		if (!WIFSTOPPED(status))
			break;
		stop_together(foreground);
	}
	if (foreground)
		terminal_give(getpgrp());
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What the process between tells: the program's pid, or why there is none. */
struct started {
	pid_t pid;
	struct lab_problem problem;
};

/*
 * Enters the host and forks the program there. Only children enter the lab's processes, and whoever
 * enters cannot go back, so this is done by a process in between; the program becomes a child of
 * its parent, which stays outside and waits for it.
 */
static _Noreturn void between_run(const struct lab_exec_target *entry, char *const *argv,
				  bool foreground, int pipe)
{
	struct started started = {.pid = -1};

	if (lab_exec_enter(entry, &started.problem) == 0) {
		started.pid =
			(pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
		if (started.pid == 0 && foreground) {
			setpgid(0, 0);
			terminal_give(getpid());
		}
		if (started.pid == 0)
			program_run(entry, argv);
		if (started.pid < 0)
			lab_problem_set(&started.problem, -errno, "cannot start %s: %s", argv[0],
					strerror(errno));
	}
	/* That nobody reads it means that the caller was killed. */
	(void)!write(pipe, &started, sizeof(started));
	_exit(0);
}

/* Starts the program by a process in between; returns its pid, or -errno with a sentence. */
static pid_t program_start(const struct lab_exec_target *entry, char *const *argv, bool foreground,
			   struct lab_problem *problem)
{
	struct started started = {.pid = -1};
	int ends[2], status;
	pid_t between;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return lab_problem_set(problem, -errno, "cannot make a pipe: %s", strerror(errno));
	between = fork();
	if (between == 0)
		between_run(entry, argv, foreground, ends[1]);
	close(ends[1]);
	if (between < 0 || read(ends[0], &started, sizeof(started)) != (ssize_t)sizeof(started))
		lab_problem_set(problem, -EIO, "cannot start %s", argv[0]);
	close(ends[0]);
	if (between > 0 && waitpid(between, &status, 0) == between)
		process_child_ended(status);
	if (started.pid < 0)
		return lab_problem_set(problem, -ECANCELED, "%s", started.problem.text);
	return started.pid;
}

int lab_exec_run(const struct lab_exec_target *entry, char *const *argv, int *ret_status,
		 struct lab_problem *problem)
{
	/* At a terminal the program gets it, in a process group that exists in the lab, too. */
	bool foreground = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
	pid_t pid = program_start(entry, argv, foreground, problem);

	if (pid < 0)
		return pid;
	running = pid;
	signals_pass_on();
	if (foreground) {
		/* Both sides do it, so that neither need wait for the other. */
		setpgid(running, running);
		terminal_give(running);
	}
	*ret_status = program_wait(foreground);
	return 0;
}
