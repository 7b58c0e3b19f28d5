/*
 * Holder: the process that carries hop N+1 through hop N, as the ProxyCommand of hop N+1's ssh:
 *
 *     tunplan --holder SOCKET ADDRESS PORT
 *
 * It asks the master on SOCKET to connect its stdin and stdout to ADDRESS:PORT, passes both
 * descriptors to the master, and waits until the master says that the connection is over. It is a
 * process of its own so that a chain survives the supervisor, and it has no other way to connect,
 * so that nothing ever falls back to a direct connection.
 */
#ifndef TUNPLAN_EXEC_SSH_HOLDER_H
#define TUNPLAN_EXEC_SSH_HOLDER_H

/* Runs the role; argv[0] is "--holder". Returns 255, after one line on stderr if it was refused. */
int holder_main(int argc, char **argv);

#endif
