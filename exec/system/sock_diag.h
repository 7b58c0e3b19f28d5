/*
 * Sock diag: asks Linux's kernel about the TCP sockets of this network namespace: sock_diag(7). It tells
 * everybody about all of them, but not whose they are: that is in /proc/PID/fd (descriptors.h).
 */
#ifndef TUNPLAN_EXEC_SYSTEM_SOCK_DIAG_H
#define TUNPLAN_EXEC_SYSTEM_SOCK_DIAG_H

#include "exec/system/kernel.h"

/* States of a socket, as bits: which are asked for, and which one it has. */
#define SOCK_DIAG_ESTABLISHED (1U << 1)
#define SOCK_DIAG_CLOSE_WAIT  (1U << 8)
#define SOCK_DIAG_LISTEN      (1U << 10)
/* A connection from which data, or what acknowledges data, can still come. */
#define SOCK_DIAG_CONNECTED (SOCK_DIAG_ESTABLISHED | SOCK_DIAG_CLOSE_WAIT)

struct sock_diag_socket {
	uint32_t state;            /* one bit of those above */
	uint32_t inode;            /* its number in /proc/PID/fd; 0: no process has it */
	uid_t user;                /* who opened it */
	bool both;                 /* listens on every address of IPv6 and of IPv4 */
	bool has_tcp;              /* tcp is filled in: by sock_diag_one(), for a connection */
	struct kernel_tcp_key key; /* of a listener, only key.here tells something */
	struct kernel_tcp tcp;
};

typedef void (*sock_diag_take)(void *data, const struct sock_diag_socket *socket);

/*
 * Gives each socket in one of the states to `take`. Returns 0 or -errno: -ENOSYS where this kernel, or what
 * confines this program, has no sock_diag.
 */
int sock_diag_each(uint32_t states, sock_diag_take take, void *data);

/* Gives the socket of a connection to `take`, in one message. Returns 0 or -errno: -ENOENT when it is no more. */
int sock_diag_one(const struct kernel_tcp_key *key, sock_diag_take take, void *data);

/*
 * How well a listener fits an end with the same port. Returns 0 where a connection to that end does not reach
 * the listener; of several that it could reach, it does the one with the highest.
 */
int sock_diag_fitness(const struct kernel_end *listener, bool both, const struct kernel_end *end);

#endif
