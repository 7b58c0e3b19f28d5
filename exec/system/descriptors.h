/*
 * Descriptors: which sockets and pipes Linux's processes have, from /proc/PID/fd, where a socket is no more than
 * the number of its inode (what it is, sock_diag.h tells).
 *
 * It is shown for the processes of the own user only, as far as they let themselves be looked into.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_DESCRIPTORS_H
#define TUNPLAN_EXEC_SYSTEM_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A socket or a pipe that a process has. */
struct descriptor {
	uint32_t inode; /* both ends of a pipe have the same */
	size_t process; /* its place in the family: 0 is the process that was asked about */
	int number;
};

struct descriptors {
	struct descriptor *items; /* by inode; then the eldest process, the lowest number first */
	size_t count;
	size_t room;
	size_t process; /* whose are being noted */
};

/*
 * Finds those of a process, above the standard ones, and with a family those of its children and of theirs, up
 * to 16 processes, in the order of their birth: all of theirs. Returns 0, or -errno and there is nothing to free:
 * -ESRCH when there is no such process, -EACCES for another user's.
 */
int descriptors_init(pid_t pid, bool family, struct descriptors *descriptors);

void descriptors_finish(struct descriptors *descriptors);

/* Returns the first that has the inode, or NULL. */
const struct descriptor *descriptors_find(const struct descriptors *descriptors, uint32_t inode);

/* Whether the first process has a pipe to the standard input or output of another one of its family. */
bool descriptors_have_pipe_to_child(const struct descriptors *descriptors);

/* Returns a process that has the socket, among all that can be looked into, or 0. */
pid_t descriptors_find_owner(uint32_t inode);

#endif
