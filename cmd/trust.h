/*
 * Trust: whether nobody but its user can change a topology.
 *
 * A topology decides where connections and logins go. So a file that another user could write, or
 * replace with a file of their own, is refused. read_file.h asks about each file that it has
 * opened. The decision about a file or directory is pure; its facts are looked up here, too.
 */
#ifndef TUNPLAN_CMD_TRUST_H
#define TUNPLAN_CMD_TRUST_H

#include <stdbool.h>
#include <sys/types.h>

#include "topology/base/arena.h"

/* No user has this id, as chown(2) knows it. */
#define TRUST_NO_UID ((uid_t)-1)

/* Who besides root may own what is trusted. */
struct trust_caller {
	uid_t uid;      /* the user, also behind sudo */
	uid_t unmapped; /* what a user namespace shows for owners outside of it, root among them
			   (overflowuid of user_namespaces(7)); else TRUST_NO_UID */
};

/* What is known about a file or directory. */
struct trust_facts {
	uid_t owner;
	mode_t mode;        /* with the type, as in struct stat */
	bool private_group; /* its group has no member but its owner */
};

/* Who could write it. */
enum trust_writer {
	TRUST_NOBODY_ELSE,
	TRUST_OWNER, /* who is neither the caller nor root */
	TRUST_EVERYBODY,
	TRUST_GROUP,
};

/*
 * Decides who besides the caller and root could write a file, or replace what a directory holds. In
 * a sticky directory only the owner of an entry can replace it: it counts as not writable.
 */
enum trust_writer trust_judge(const struct trust_caller *caller, const struct trust_facts *facts);

/*
 * Decides whether only the caller and root could have written the open file fd, which path led to,
 * or put it where it is: looks at the file itself and at all directories of its real path. Returns
 * true, or false with who could and what to do, in arena, in one line that goes behind "PATH: ".
 */
bool trust_file(int fd, const char *path, struct arena *arena, const char **ret_reason);

#endif
