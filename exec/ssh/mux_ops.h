/*
 * Mux ops: requests and cancels listeners of a master. A table of implementations, one of which is
 * chosen by name ($TUNPLAN_MUX); so far there is one, mux_ssh.c.
 */
#ifndef TUNPLAN_EXEC_SSH_MUX_OPS_H
#define TUNPLAN_EXEC_SSH_MUX_OPS_H

#include "exec/ssh/ssh_argv.h"

struct uv_loop_s;

/*
 * How a request ended: 0, or -errno with what was said about it (never NULL, perhaps ""). The
 * request is freed after this.
 */
typedef void (*mux_request_done)(void *data, int status, const char *words);

/* What a way of asking must be able to do. Each calls done exactly once, later, from the loop. */
struct mux_ops {
	const char *name;
	/* Asks the master on that control socket to listen; 0 says that it does. */
	void (*forward)(struct uv_loop_s *loop, const char *path, const struct mux_forward *forward,
			mux_request_done done, void *data);
	/* Asks it to stop listening; 0 says that it did. Live connections stay. */
	void (*cancel)(struct uv_loop_s *loop, const char *path, const struct mux_forward *forward,
		       mux_request_done done, void *data);
};

/* Returns the way with that name (NULL: the usual one), or NULL when there is none. */
const struct mux_ops *mux_ops_find(const char *name);

/* By the system's ssh: `ssh -F none -S SOCKET -O forward …` (mux_ssh.c). */
extern const struct mux_ops mux_ssh;

#endif
