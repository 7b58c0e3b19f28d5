/*
 * Mux socket: connects to a master's control socket and passes descriptors over it. Shared by
 * mux_wire.c (the supervisor, on an event loop) and holder.c (a process of its own, blocking).
 */
#ifndef TUNPLAN_EXEC_SSH_MUX_SOCKET_H
#define TUNPLAN_EXEC_SSH_MUX_SOCKET_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

/* Fills a unix address. Returns 0 or -ENAMETOOLONG. */
int unix_address(const char *path, struct sockaddr_un *ret_address);

/*
 * Connects to a unix socket; flags are SOCK_NONBLOCK or 0. Returns the descriptor, close-on-exec,
 * or -errno: -ECONNREFUSED says that nobody listens there any more, -EAGAIN (only with
 * SOCK_NONBLOCK) that somebody does, to whom too many have come already.
 */
int unix_connect(const char *path, int flags);

/* Returns 0 when somebody listens on a unix socket, busy or not; or -errno. */
int unix_listens(const char *path);

/* Finds the process that listens on a socket. Returns 0 or -errno; not all systems tell. */
int unix_listener(const char *path, pid_t *ret_pid);

/* Sends all bytes; the socket must take them at once or block. Returns 0 or -errno. */
int mux_send(int socket, const void *bytes, size_t size);

/* Hands a descriptor over, with the one byte that the master expects. Returns 0 or -errno. */
int mux_send_fd(int socket, int fd);

#endif
