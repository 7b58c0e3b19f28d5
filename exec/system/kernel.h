/*
 * Kernel: what only some systems' kernels tell or do: who is at the other end of a socket, a process held by a
 * descriptor instead of its number, whether a process was stopped, how a TCP connection of another process
 * fares, who listens at an address, by what this machine sends to an address, how long it slept, which start of the machine this is.
 *
 * Every function answers at once, needs no rights beyond those over the user's own processes, and says -ENOSYS
 * where the system has nothing of the kind: every caller has a plainer way then (a process by its number,
 * ssh's keepalive, no answer). On Linux kernel_linux.c, kernel_tcp.c, kernel_listeners.c and kernel_network.c have them all;
 * kernel_plain.c, for other systems and for KERNEL=plain, has next to none.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_KERNEL_H
#define TUNPLAN_EXEC_SYSTEM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* --- who is at the other end of a connected unix socket */

/*
 * The user, and the process: of the end that connected, who did; of the end that listened, who listens. Both
 * return 0 or -errno; a process that has no number here (another PID namespace) is -ESRCH. Who connects is
 * told on all systems, also by kernel_plain.c.
 */
int kernel_peer_user(int socket, uid_t *ret_user);
int kernel_peer_pid(int socket, pid_t *ret_pid);

/* --- processes */

/*
 * Returns a descriptor of a process, close-on-exec, which is readable once the process has ended; or -errno
 * (-ESRCH: there is none). Whoever opened it while the number was certainly that process's, never signals
 * another one.
 */
int kernel_process_open(pid_t pid);

/* Signals the process of a descriptor; 0 only asks for it. Returns 0 or -errno (-ESRCH: it has ended). */
int kernel_process_signal(int process, int signal);

struct kernel_process {
	char state;    /* proc(5): 'T' is stopped, 'Z' has ended and was not waited for */
	char name[16]; /* of its program, cut; any bytes but NUL, and it can call itself anything */
	/* From boot to its start: no other process of this boot has the same number and the same start. */
	uint64_t start_ticks;
};

/* Reads what a process is doing. Returns 0 or -errno (-ESRCH: there is none). */
int kernel_process_read(pid_t pid, struct kernel_process *ret_process);

/*
 * Whether a process, or a child of it, has any socket, or a pipe, beside the standard ones of the process: an ssh that has none
 * reads its configuration, or runs what a Match exec there names, and connects to nobody yet. Returns 1 or 0, or -errno.
 */
int kernel_process_talks(pid_t pid);

/* --- TCP */

/* One end of a connection, or where something listens. */
struct kernel_end {
	int family;          /* AF_INET or AF_INET6; IPv4 within IPv6 is AF_INET */
	uint8_t address[16]; /* in network order, then zeros */
	uint16_t port;       /* in host order */
};

/* Which connection is meant: the kernel finds it by this without looking through all others. */
struct kernel_tcp_key {
	struct kernel_end here;
	struct kernel_end there;
	uint32_t interface; /* the index of the one that the connection is bound to, or 0 */
	/* The kernel's own name for the connection: a later one between these ends has another. */
	uint32_t cookie[2];
};

/* How a connection fares, as its own end sees it. */
struct kernel_tcp {
	uint64_t acked_bytes;    /* that the far end acknowledged, since the connection was made */
	uint64_t received_bytes; /* since the connection was made */
	uint32_t unacked_bytes;  /* written and not acknowledged: the send queue */
	uint32_t silent_ms;      /* since data last came, or the connection was made */
	bool there_closed;       /* the far end has ended its side: no more data will come */
};

/*
 * Finds the connection by which an ssh reaches its sshd. An ssh that has a pipe to the standard input or output
 * of a child runs that as its ProxyCommand: then it is the first connection of its children and of theirs,
 * in the order of their birth. Else it is the ssh's own. Which of all that one process holds:
 *
 * - no listener (-L, -D), and nothing accepted by a listener that is still there;
 * - of the rest the lowest descriptor above the standard ones. ssh closes what it inherits, and connects before
 *   it listens or dials anything for a remote forward; so what came later is higher, also where the listener
 *   that accepted it is gone.
 *
 * Looks through the descriptors of the processes, and the kernel goes through all TCP sockets there are, which
 * may take it a millisecond: so once for each ssh, not at every turn of a timer. Returns 0 or -errno: -ENOENT
 * when there is none (or it is in another network namespace), -ESRCH, -EACCES for another user's process.
 */
int kernel_tcp_find(pid_t pid, struct kernel_tcp_key *ret_key);

/* Asks about that one connection, in one message. Returns 0 or -errno: -ENOENT when it is no more. */
int kernel_tcp_ask(const struct kernel_tcp_key *key, struct kernel_tcp *ret_tcp);

/*
 * Counts the connections that stand at a process itself, without the one by which it reaches its sshd: of its users, and
 * to where it connected them. Goes through all TCP sockets there are. Returns 0 or -errno.
 */
int kernel_tcp_count(pid_t pid, const struct kernel_tcp_key *but, size_t *ret_count);

/* What listens at an address. */
struct kernel_listener {
	struct kernel_end at; /* an address of zeros: every one of the family */
	bool both;            /* every IPv4 address as well */
	uid_t user;           /* who opened it */
	pid_t owner;    /* the first process named to kernel_listeners_own() that has it, or 0 */
	uint32_t inode; /* the kernel's number for the socket */
};

/* All listeners of this network namespace at one moment. */
struct kernel_listeners {
	struct kernel_listener *items; /* by port */
	size_t count;
	size_t room;
};

/* Asks for them, in one go. Returns 0, or -errno and there is nothing to free. */
int kernel_listeners_init(struct kernel_listeners *listeners);

void kernel_listeners_finish(struct kernel_listeners *listeners);

/*
 * Names a process as the owner of the listeners that it has, in one pass over its descriptors (some µs for
 * each). Returns 0 or -errno, as kernel_tcp_find() does: -ENOENT when the process is in another network namespace.
 */
int kernel_listeners_own(struct kernel_listeners *listeners, pid_t pid);

/*
 * Returns who gets the connections to a numeric address and port: a listener there, else one on every
 * address; or NULL: nobody.
 */
const struct kernel_listener *kernel_listeners_at(const struct kernel_listeners *listeners,
						  const char *address, uint16_t port);

/*
 * Returns a process that has the listener, whoever that is, or 0: it is none that this user may look into.
 * Looks through the descriptors of all this user's processes: for the words of a failure.
 */
pid_t kernel_listener_find_owner(const struct kernel_listener *listener);

/* --- the network of this machine */

#define KERNEL_INTERFACE_SIZE 16 /* bytes of a name, with its end */

struct kernel_interface {
	char name[KERNEL_INTERFACE_SIZE];
	bool enabled; /* nobody has switched it off: its addresses are this machine's */
	bool up;      /* and something is at its other end, as far as it can tell */
	bool indirect; /* what it sends stays on this machine, or is carried by another interface: a VPN */
};

/* An address of this machine, and the interface that has it. */
struct kernel_address {
	struct kernel_end at; /* without a port */
	char interface[KERNEL_INTERFACE_SIZE];
};

/* All of them at one moment, and the means to ask for routes. */
struct kernel_network {
	struct kernel_interface *interfaces;
	size_t interface_count, interface_room;
	struct kernel_address *addresses;
	size_t address_count, address_room;
	int asking; /* a socket for kernel_network_route() */
};

/* By which way this machine sends. */
struct kernel_route {
	char interface[KERNEL_INTERFACE_SIZE];
	struct kernel_end source; /* what a new connection has for its own address */
};

/* Looks at the network as it is. Returns 0, or -errno and there is nothing to free. */
int kernel_network_init(struct kernel_network *network);

void kernel_network_finish(struct kernel_network *network);

/*
 * Asks for the way to an address, for packets that come from `here` (NULL: from what the way chooses), through an
 * interface (its index, or 0). Returns 0 or -errno: -ENETUNREACH, -EHOSTUNREACH and others when there is none.
 */
int kernel_network_route(struct kernel_network *network, const struct kernel_end *there,
			 const struct kernel_end *here, uint32_t interface,
			 struct kernel_route *ret_route);

/*
 * Returns a descriptor that is readable when a link, an address or a route of this machine has changed, or -errno;
 * close() it. kernel_network_heard() reads all that it has told so far, and returns whether it was anything.
 */
int kernel_network_watch(void);
bool kernel_network_heard(int watch);

/* --- time */

#define KERNEL_BOOT_ID_SIZE 37 /* bytes, with the end */

/* Writes the name of this start of the machine: no other start, of no machine, has the same. Returns 0 or -errno. */
int kernel_boot_id(char id[KERNEL_BOOT_ID_SIZE]);

/*
 * How long the machine has slept since it was started, in ms; the difference of two answers is what the
 * monotonic clock did not count. Returns 0 or -errno.
 */
int kernel_slept_ms(uint64_t *ret_ms);

/*
 * Returns a descriptor that is readable each so many ms, by a clock that goes on while the machine sleeps: at once when
 * it wakes, if the time has passed by then; or -errno. close() it. kernel_timer_read() makes it wait for the next time.
 */
int kernel_timer_open(uint64_t every_ms);
void kernel_timer_read(int timer);

#endif
