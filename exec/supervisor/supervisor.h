/*
 * Supervisor: the one process per user and machine that holds the tunnels: `tunplan --supervisor`.
 *
 * The first `up` starts it (connection.h), as tmux starts its server; it exits when no tunnel and
 * no client is left. To the process that started it, it reports on descriptor SUPERVISOR_READY_FD:
 * "ok", or a sentence that says why it cannot run; then it closes the descriptor.
 *
 * On SIGTERM it begins nothing new, takes everything down and exits. On SUPERVISOR_LETS_GO it exits and takes nothing down, so
 * that the next one, of another version perhaps, takes over all that there is (adopt.h). On SIGUSR1 it listens again if its
 * socket is gone, as it is when the user has logged out: it chooses a runtime directory anew.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_SUPERVISOR_H
#define TUNPLAN_EXEC_SUPERVISOR_SUPERVISOR_H

#include <signal.h>

#define SUPERVISOR_READY_FD 3
#define SUPERVISOR_LETS_GO  SIGUSR2

/* Runs the role; argv[0] is "--supervisor". Returns an exit status. */
int supervisor_main(int argc, char **argv);

#endif
