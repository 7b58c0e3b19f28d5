/*
 * Host files: the directory of a lab host, which the lab's first process writes before the host
 * starts, and the mounts by which the host sees it.
 */
#ifndef TUNPLAN_EXEC_LAB_HOST_HOST_FILES_H
#define TUNPLAN_EXEC_LAB_HOST_HOST_FILES_H

#include "exec/lab/kernel/child.h"
#include "exec/lab/kernel/problem.h"
#include "exec/lab/network/lab.h"

/* Makes the directory of a host with everything but what needs the keys. Returns 0 or -errno. */
int lab_host_files_write(const struct lab *lab, const struct lab_node *node,
			 struct lab_problem *problem);

/* The keys of a lab while ssh-keygen makes them. */
struct lab_keys {
	struct arena arena;
	struct lab_child *children; /* per host, pid 0 where it needs none; then the client's */
};

/*
 * Starts to make the client's key and every host's, side by side; the hosts' directories are there.
 * Returns 0 or -errno. lab_keys_finish() must follow in either case.
 */
int lab_keys_start(const struct lab *lab, struct lab_keys *ret_keys, struct lab_problem *problem);

/*
 * Waits for the keys and writes what needs them: identities, authorized_keys and known_hosts of
 * every host. error: what lab_keys_start(), or anything in between, has returned; unless it is 0
 * nothing is written. Returns 0 or -errno, the first.
 */
int lab_keys_finish(const struct lab *lab, struct lab_keys *keys, int error,
		    struct lab_problem *problem);

/*
 * In the mount namespace of a host: makes its directory /run and hides the machine's files in /etc
 * behind the host's own. Returns 0 or -errno.
 */
int lab_host_files_mount(const struct lab_node *node, struct lab_problem *problem);

/*
 * In the mount namespace of a host: returns the path of a file that is the machine's now although
 * the host has its own, because the mount over it is gone; NULL if there is none.
 */
const char *lab_host_files_shown(void);

/*
 * Returns the environment of everything that runs on a host, up to a row without name, in arena:
 * where its home and the topology are, which host it is and at which places, and tunplan itself in
 * the PATH.
 */
const struct lab_variable *lab_host_environment(const struct lab *lab, const struct lab_node *node,
						struct arena *arena);

#endif
