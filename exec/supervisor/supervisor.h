/*
 * Supervisor: the one process per user that holds the tunnels: `tunplan --supervisor`.
 *
 * The first `up` starts it (connection.h), as tmux starts its server; it goes when no tunnel and no
 * client is left. It tells the one who started it on descriptor SUPERVISOR_READY_FD how that went:
 * "ok", or a sentence that says why not, then closes it. On SIGTERM it takes everything down and
 * goes.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_SUPERVISOR_H
#define TUNPLAN_EXEC_SUPERVISOR_SUPERVISOR_H

#define SUPERVISOR_READY_FD 3

/* Runs the role; argv[0] is "--supervisor". Returns an exit status. */
int supervisor_main(int argc, char **argv);

#endif
