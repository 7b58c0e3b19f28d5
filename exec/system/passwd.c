#include "exec/system/passwd.h"

#include <errno.h>
#include <grp.h>

#include "topology/base/memory.h"

/* What a lookup may need, generously: a few files, their buffers and an entry. */
#define LOOKUP_SIZE ((size_t)64 * 1024)

/*
 * glibc 2.36 crashes where it cannot have the memory for its first lookup, so it is made sure of
 * before. And getpwuid(3): who wants to tell an error from no such entry sets errno to 0.
 */
static void prepare(void)
{
	memory_spare(LOOKUP_SIZE);
	errno = 0;
}

const struct passwd *passwd_user(uid_t uid)
{
	prepare();
	return memory_found(getpwuid(uid));
}

const struct group *passwd_group(gid_t gid)
{
	prepare();
	return memory_found(getgrgid(gid));
}
