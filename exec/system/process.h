/* Process: prepares a process to outlive the terminal that it was started from; finds others. */
#ifndef TUNPLAN_EXEC_SYSTEM_PROCESS_H
#define TUNPLAN_EXEC_SYSTEM_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Makes this process a daemon without forking: own session, working directory /, umask 077, stdin,
 * stdout and stderr on /dev/null where they are closed, descriptors from first_closed on closed,
 * no signal blocked, SIGPIPE and
 * SIGHUP ignored, soft NOFILE raised to the hard limit (a master at 1024 fails at its
 * 1019th forward, and its children inherit ours). Returns 0 or -errno.
 */
int process_detach(int first_closed);

/*
 * Returns a copy of an environment (NULL-terminated "NAME=value") as a master gets it: without what
 * the service manager meant for us alone (NOTIFY_SOCKET, LISTEN_*), and with SHELL=/bin/sh, because
 * ssh runs a ProxyCommand by $SHELL. memory_free_strings() frees it.
 */
char **process_master_env(const char *const *env);

/*
 * Takes the status with which a forked child of ours ended (waitpid()): if it ran out of memory, it
 * has said so, and what it was to find out is not known; so this program ends in the same way. Such
 * a child must not end with status 1 for other reasons.
 */
void process_child_ended(int status);

/* Return whether that file is there and may be run, or read. */
bool process_can_run(const char *path);
bool process_can_read(const char *path);

/* Returns whether that pid is a process whose command line has this word in it (Linux's /proc). */
bool process_has_argument(pid_t pid, const char *word);

/*
 * Returns the environment with which a process was started, as far as the system tells, or NULL; memory_free_strings() it.
 */
char **process_environment(pid_t pid);

/* Returns the pid of another process of this user whose command line has this word in it, or 0. */
pid_t process_find(const char *word);

#endif
