/*
 * Passwd: looks up users and groups of this machine.
 *
 * A lookup never says "no such user" for lack of memory: that ends the program (memory.h).
 */
#ifndef TUNPLAN_EXEC_SYSTEM_PASSWD_H
#define TUNPLAN_EXEC_SYSTEM_PASSWD_H

#include <pwd.h>

/* That of <grp.h>, which cannot be included where topology.h is: there, groups are of tunnels. */
struct group;

/* Returns the account of a user, or NULL when there is none; it lives until the next call. */
const struct passwd *passwd_user(uid_t uid);

/* The same for a group. */
const struct group *passwd_group(gid_t gid);

#endif
