/*
 * Post: where clients find the supervisor: its lock, its runtime directory and its socket.
 *
 * The lock says that there is a supervisor, whatever becomes of the directory and of the socket in it.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_POST_H
#define TUNPLAN_EXEC_SUPERVISOR_POST_H

#include <stdbool.h>

#include "exec/supervisor/control.h"
#include "exec/system/runtime.h"

struct post {
	int lock;       /* supervisor.lock, or -1 */
	int start_lock; /* start.lock, while the post is being left, or -1 */
	struct control *control;
};

/* Takes the lock. Returns 0, or -errno with a sentence in *ret_why (free() it). */
int post_take(struct post *post, const struct runtime *runtime, char **ret_why);

/*
 * Clears the post of a supervisor that is no more, whose record stays to be read. *ret_former: where that noted that it had its
 * own runtime directory, if that is another; else zeroed (runtime_finish() it). Returns 0, or -errno with a sentence in
 * *ret_why: the record is of another version.
 */
int post_clear(const struct post *post, const struct runtime *runtime, struct runtime *ret_former,
	       char **ret_why);

/* Listens in the runtime directory. Returns 0, or -errno with a sentence in *ret_why. */
int post_listen(struct post *post, const struct runtime *runtime, char **ret_why);

/*
 * If the socket is gone, and with it perhaps the whole directory: chooses a runtime directory anew, as at the
 * start, replaces *runtime, and listens there. Returns whether it did; *ret_why: why it could not, or NULL.
 */
bool post_find_again(struct post *post, struct runtime *runtime, char **ret_why);

/*
 * Whether the post can be left: no client can be about to find the socket. Each holds start.lock until it is
 * connected, so this takes it, until post_stay(); those who are connected are idle_only's matter: whether
 * there may be any.
 */
bool post_can_leave(struct post *post, const struct runtime *runtime, bool idle_only);

/* Gives start.lock back. */
void post_stay(struct post *post);

/* Tells all clients that the supervisor leaves, drops them, and stops listening. */
void post_close(struct post *post);

/* Gives both locks away: another supervisor may start. */
void post_leave(struct post *post);

#endif
