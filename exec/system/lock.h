/*
 * Lock: files that one process of this user has locked, and of which it is known which process that is.
 *
 * There are two (runtime.h): start.lock, held while a client looks for the supervisor or starts one, and
 * supervisor.lock, held by the supervisor, which writes into the file where it is found. A lock ends with
 * its process, whatever becomes of that.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_LOCK_H
#define TUNPLAN_EXEC_SYSTEM_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Opens (and makes) a lock file and locks it for this process, if no other has it. Returns the
 * descriptor, close-on-exec; -EWOULDBLOCK with the process that has it in *ret_holder (0: one that
 * cannot be seen from here); or -errno. To close any descriptor of the file unlocks it.
 */
int lock_take(const char *path, pid_t *ret_holder);

/* Returns whether another process has the lock, and which (0: one that cannot be seen from here). */
bool lock_is_taken(const char *path, pid_t *ret_holder);

/*
 * Writes into a lock file, which this process has locked as the descriptor, who it is and where its
 * runtime directory is: for clients whose environment leads elsewhere. Returns 0 or -errno.
 */
int lock_note(int lock, const char *dir);

/*
 * Returns the runtime directory that is noted in a lock file, if that is there and is ours alone; or NULL.
 * free() it.
 */
char *lock_noted_dir(int lock);

/* The same for a file that this process has not locked, and that may not be there. */
char *lock_noted_dir_at(const char *path);

#endif
