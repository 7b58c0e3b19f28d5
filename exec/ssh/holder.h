/*
 * Holder: the process that carries hop N+1 through hop N, as its ssh's ProxyCommand:
 *
 *     tunplan --holder SOCKET ADDRESS PORT
 *
 * It asks the master on SOCKET to connect ADDRESS:PORT to its stdin and stdout, gives both away and
 * waits until the master says that the connection is over. It is a process of its own so that a
 * chain outlives the supervisor, and it knows no other way to connect, so that nothing ever falls
 * through to a direct connection.
 */
#ifndef TUNPLAN_EXEC_SSH_HOLDER_H
#define TUNPLAN_EXEC_SSH_HOLDER_H

/* Runs the role; argv[0] is "--holder". Returns 255, after one line on stderr if it was refused. */
int holder_main(int argc, char **argv);

#endif
