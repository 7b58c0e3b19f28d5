/*
 * Runtime: tunplan's two directories, and the names of the files in them.
 *
 *     runtime directory   control sockets, start.lock: gone with the session or the machine
 *       control           the supervisor's socket
 *       start.lock        held while a client looks whether a supervisor is there
 *       m-1a2b3c          a master's control socket; a new name each time a master is started
 *     state directory     files that outlive those
 *       supervisor.lock   held by the supervisor; contains its pid
 *       record.json       what is up (record.h)
 *       ports.json        the ports chosen for `auto` (port_memory.h)
 *       supervisor.log    what the supervisor did
 *       m-1a2b3c.log      a master's stderr
 *
 * Both have mode 0700, belong to the user and are no symbolic links; that is checked before each
 * use.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_RUNTIME_H
#define TUNPLAN_EXEC_SYSTEM_RUNTIME_H

#include <stddef.h>
#include <sys/types.h>

/* The longest control path that ssh can bind: it adds 17 bytes while binding. */
#define RUNTIME_CONTROL_PATH_MAX 90

/* What decides where the directories are. */
struct runtime_where {
	const char *xdg_runtime_dir; /* NULL or "": unset */
	const char *xdg_state_home;
	const char *home;
	const char *run_user; /* "/run/user" */
	const char *tmp;      /* "/tmp" */
	uid_t uid;
};

struct runtime {
	char *dir;   /* runtime directory, absolute */
	char *state; /* state directory, absolute */
};

/*
 * Finds and makes both directories. Returns 0 and fills *ret_runtime (runtime_finish() frees it),
 * or -errno with a sentence in *ret_why (free() it). A runtime directory whose control paths would
 * be too long is passed over for the next candidate.
 */
int runtime_init(const struct runtime_where *where, struct runtime *ret_runtime, char **ret_why);

/* The same with the environment's answers. */
int runtime_open(struct runtime *ret_runtime, char **ret_why);

/* Frees the names. Accepts a zeroed struct. */
void runtime_finish(struct runtime *runtime);

/* Returns the path of a file in the runtime directory; free() it. */
char *runtime_path(const struct runtime *runtime, const char *name);

/* Returns the path of a file in the state directory; free() it. */
char *runtime_state_path(const struct runtime *runtime, const char *name);

/* Returns a name for a master's incarnation that no earlier one had: "m-1a2b3c4d"; free() it. */
char *runtime_master_name(const struct runtime *runtime);

/*
 * Opens (and makes) a lock file by its path and locks it; with wait it waits, otherwise
 * -EWOULDBLOCK says that another has it. Returns the descriptor, close-on-exec; closing it unlocks.
 * Or -errno.
 */
int runtime_lock(const char *path, int wait);

#endif
