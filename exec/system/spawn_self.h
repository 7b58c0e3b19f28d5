/* Spawn self: starts this program again in one of its roles, detached from the terminal. */
#ifndef TUNPLAN_EXEC_SYSTEM_SPAWN_SELF_H
#define TUNPLAN_EXEC_SYSTEM_SPAWN_SELF_H

/*
 * Starts this program with one argument, in a session of its own, with stdin, stdout and stderr
 * from and to /dev/null (the caller's stdout must end when the caller does), and with one
 * descriptor of ours as child_fd. Returns 0 or -errno.
 */
int spawn_self(const char *role, int fd, int child_fd);

#endif
