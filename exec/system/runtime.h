/*
 * Runtime: tunplan's two directories, and the names of the files in them.
 *
 *     runtime directory   gone with the session or the machine, perhaps under a running supervisor
 *       control           the supervisor's socket
 *       record.json       what is wanted, and what is up (record.h)
 *       t-DIGEST          the text of a topology, of which something in there is wanted
 *       m-HASH-7          a master's control socket: the hash of its hop's identity, and its generation
 *       s-HASH-7          the holder of a stitched piece listens there, to be found
 *       state/            in the place of a state directory to which nothing can be written
 *     state directory     files that outlive those
 *       machine           a symbolic link to the name of the machine that the directory belongs to
 *       start.lock        held while a client looks for the supervisor, or starts one
 *       supervisor.lock   held by the supervisor; contains its pid and its runtime directory
 *       ports.json        the ports chosen for `auto` (port_memory.h)
 *       supervisor.log    what the supervisor did
 *       history           what happened to tunnels and hops (history_file.h); history.old: before that
 *       m-HASH-7.log      a master's stderr; or, s-…, that of a stitched piece
 *       on-NAME/          the state directory of another machine that shares the home directory
 *
 * Both have mode 0700, belong to the user and are no symbolic links; that is checked before each
 * use. The first machine that uses a home directory has the state directory itself, so that nothing
 * changes for the user of one machine; each other machine has a directory in it.
 */
#ifndef TUNPLAN_EXEC_SYSTEM_RUNTIME_H
#define TUNPLAN_EXEC_SYSTEM_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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
	const char *machine; /* the name of this machine among those that share a home directory */
};

struct runtime {
	char *dir;         /* runtime directory, absolute */
	char *state;       /* state directory, absolute */
	char *passed_over; /* a sentence: why $XDG_RUNTIME_DIR is not used; or NULL */
	char *unwritable;  /* a sentence: why `state` is beside the sockets; or NULL */
};

/* Who only looks makes no directory; one that is not there has nothing in it. */
enum runtime_use { RUNTIME_LOOK, RUNTIME_MAKE };

/*
 * Finds both directories, and makes those that are missing if that is wanted. Returns 0 and fills
 * *ret_runtime (runtime_finish() frees it), or -errno with a sentence in *ret_why (free() it).
 *
 * The runtime directory is $XDG_RUNTIME_DIR/tunplan, else /run/user/UID/tunplan, else
 * /tmp/tunplan-UID. One of the first two is passed over if the directory above it does not exist or is not
 * the user's (su and sudo may leave the variable of another user), if it is another user's itself, or
 * if the control paths in it would be too long. Where nothing can be written to the state directory, because its file
 * system is read-only, for example, one in the runtime directory takes its place.
 */
int runtime_init(const struct runtime_where *where, enum runtime_use use,
		 struct runtime *ret_runtime, char **ret_why);

/* The same with the environment's answers. */
int runtime_open(enum runtime_use use, struct runtime *ret_runtime, char **ret_why);

/*
 * Returns 0 if a directory is the user's alone and no symbolic link, -ENOENT if there is none, or
 * -errno with a sentence in *ret_why (free() it).
 */
int runtime_check_directory(const char *path, uid_t uid, char **ret_why);

/*
 * Returns whether the runtime directory is one that logind removes at the user's last logout: in
 * /run/user, on a machine with systemd, of a user without lingering.
 */
bool runtime_ends_at_logout(const struct runtime *runtime);

/* Frees the names. Accepts a zeroed struct. */
void runtime_finish(struct runtime *runtime);

/* Returns the path of a file in the runtime directory; free() it. */
char *runtime_path(const struct runtime *runtime, const char *name);

/* Returns the path of a file in the state directory; free() it. */
char *runtime_state_path(const struct runtime *runtime, const char *name);

/*
 * Returns a name for the next incarnation of a hop, whose generation *generation becomes: the next one of which there is
 * neither a socket nor a log. "m-0123456789abcdef-7" is a master, with the kind 'm', and "s-…" the holder of a session, with
 * 's'; hash: of the hop's identity. free() it.
 */
char *runtime_new_name(const struct runtime *runtime, char kind, uint64_t hash,
		       unsigned *generation);

/* Returns the names of the files in the runtime directory that begin so, NULL-terminated; memory_free_strings(). */
char **runtime_names(const struct runtime *runtime, const char *prefix);

#endif
