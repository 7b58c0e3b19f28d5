#include "cmd/trust.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/system/passwd.h"
#include "planner/views/shell.h"
#include "topology/base/memory.h"

/* What Linux shows for an owner whom a user namespace does not know, unless it was told another. */
#define OVERFLOW_UID ((uid_t)65534)

enum trust_writer trust_judge(const struct trust_caller *caller, const struct trust_facts *facts)
{
	const uid_t owner = facts->owner;

	if (owner != 0 && owner != caller->uid &&
	    (owner == TRUST_NO_UID || owner != caller->unmapped))
		return TRUST_OWNER;
	if (S_ISDIR(facts->mode) && facts->mode & S_ISVTX)
		return TRUST_NOBODY_ELSE;
	if (facts->mode & S_IWOTH)
		return TRUST_EVERYBODY;
	if (facts->mode & S_IWGRP && !facts->private_group)
		return TRUST_GROUP;
	return TRUST_NOBODY_ELSE;
}

/* --- who is asking */

/* Where the overflow id is mapped, it is a user like others, `nobody`, and not to be trusted. */
static uid_t unmapped_uid(void)
{
	FILE *map = memory_found(fopen("/proc/self/uid_map", "re"));
	unsigned long inside, outside, count;
	bool mapped = false;

	if (!map)
		return TRUST_NO_UID;
	while (fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3) {
		if (OVERFLOW_UID >= inside && OVERFLOW_UID - inside < count)
			mapped = true;
	}
	fclose(map);
	return mapped ? TRUST_NO_UID : OVERFLOW_UID;
}

/* Root by sudo is still the user who typed it. */
static uid_t caller_uid(void)
{
	const uid_t uid = geteuid();
	const char *sudo = uid == 0 ? getenv("SUDO_UID") : NULL;
	unsigned long behind;
	char *end;

	if (!sudo || *sudo < '0' || *sudo > '9')
		return uid;
	errno = 0;
	behind = strtoul(sudo, &end, 10);
	return errno || *end || behind >= TRUST_NO_UID ? uid : (uid_t)behind;
}

/* --- what is there */

/* The group that many systems give each user: of the user's name, and without other members. */
static bool is_private(uid_t owner, gid_t gid)
{
	const struct passwd *user = passwd_user(owner);
	const struct group *group = passwd_group(gid);

	if (!user || !group || strcmp(user->pw_name, group->gr_name) != 0)
		return false;
	for (char **member = group->gr_mem; *member; member++) {
		if (strcmp(*member, user->pw_name) != 0)
			return false;
	}
	return true;
}

static enum trust_writer judge_stat(const struct trust_caller *caller, const struct stat *info)
{
	const struct trust_facts facts = {
		.owner = info->st_uid,
		.mode = info->st_mode,
		/* Asked only where it matters, so not of /tmp: the answer may have to come from a server. */
		.private_group = (info->st_mode & (S_IWGRP | S_IWOTH)) == S_IWGRP &&
				 is_private(info->st_uid, info->st_gid),
	};

	return trust_judge(caller, &facts);
}

/* --- what to say */

static const char *user_name(uid_t uid, struct arena *arena)
{
	const struct passwd *user = passwd_user(uid);

	return user ? arena_string(arena, user->pw_name)
		    : arena_format(arena, "%lu", (unsigned long)uid);
}

static const char *group_name(gid_t gid, struct arena *arena)
{
	const struct group *group = passwd_group(gid);

	return group ? arena_string(arena, group->gr_name)
		     : arena_format(arena, "%lu", (unsigned long)gid);
}

static const char *quoted(const char *path, struct arena *arena)
{
	struct strbuf word = {0};
	const char *copy;

	shell_quote(&word, path);
	copy = arena_string(arena, strbuf_text(&word));
	strbuf_finish(&word);
	return copy;
}

/* Says who could write path, which is the file or one of its directories, and how to mend it. */
static const char *explain(enum trust_writer writer, const struct trust_caller *caller,
			   const char *path, const struct stat *info, struct arena *arena)
{
	const bool directory = S_ISDIR(info->st_mode);
	const char *word = quoted(path, arena), *who = "everybody", *mend;
	const char *what = directory ? arena_format(arena, "replace it in %s", path) : "write it";

	if (writer == TRUST_OWNER)
		who = arena_format(arena, "user %s", user_name(info->st_uid, arena));
	else if (writer == TRUST_GROUP)
		who = arena_format(arena, "group %s", group_name(info->st_gid, arena));
	if (writer != TRUST_OWNER)
		mend = arena_format(arena, "`chmod go-w %s`", word);
	else if (directory)
		mend = "move it to a directory of yours";
	else
		mend = arena_format(arena, "`chown %s %s`", user_name(caller->uid, arena), word);
	return arena_format(arena, "refused, because %s can %s: %s, or say --trust-file", who, what,
			    mend);
}

/* --- looking */

/* Judges all directories above real, the nearest first; shortens it on the way. */
static bool trust_directories(const struct trust_caller *caller, char *real, struct arena *arena,
			      const char **ret_reason)
{
	char *slash;

	while ((slash = strrchr(real, '/')) && real[1]) {
		enum trust_writer writer;
		struct stat info;

		/* The root keeps its name. */
		slash[slash == real] = '\0';
		if (lstat(real, &info)) {
			*ret_reason = arena_format(arena,
						   "refused, because who can replace it in %s is "
						   "not to be seen (%s); or say --trust-file",
						   real, strerror(errno));
			return false;
		}
		writer = judge_stat(caller, &info);
		if (writer != TRUST_NOBODY_ELSE) {
			*ret_reason = explain(writer, caller, real, &info, arena);
			return false;
		}
	}
	return true;
}

bool trust_file(int fd, const char *path, struct arena *arena, const char **ret_reason)
{
	const struct trust_caller caller = {.uid = caller_uid(), .unmapped = unmapped_uid()};
	char *real = memory_found(realpath(path, NULL));
	enum trust_writer writer;
	struct stat opened, named;
	bool trusted = false;

	/* Another file of that name would lie in other directories than the one that is read. */
	if (!real || fstat(fd, &opened) || lstat(real, &named)) {
		*ret_reason = arena_format(arena,
					   "refused, because where it lies is not to be seen (%s); "
					   "or say --trust-file",
					   strerror(errno));
	} else if (opened.st_dev != named.st_dev || opened.st_ino != named.st_ino) {
		*ret_reason = "refused, because it was replaced while it was opened; try again";
	} else {
		writer = judge_stat(&caller, &opened);
		trusted = writer == TRUST_NOBODY_ELSE;
		if (!trusted)
			*ret_reason = explain(writer, &caller, real, &opened, arena);
		else
			trusted = trust_directories(&caller, real, arena, ret_reason);
	}
	free(real);
	return trusted;
}
