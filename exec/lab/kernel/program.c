#include "exec/lab/kernel/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Debian's and Ubuntu's package of each program. */
static const struct {
	const char *program;
	const char *package;
} packages[] = {
	{"sshd", "openssh-server"},
	{"ssh-keygen", "openssh-client"},
	{"nft", "nftables"},
	{"git", "git"},
	{"lighttpd", "lighttpd"},
	{"openssl", "openssl"},
	{"tinyproxy", "tinyproxy-bin"},
};

static const char *package_of(const char *program)
{
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++)
		if (strcmp(packages[i].program, program) == 0)
			return packages[i].package;
	return program;
}

/* Looks through one list of directories; NULL when the program is in none of them. */
static const char *find_in(const char *directories, const char *name, struct arena *arena)
{
	while (directories && *directories) {
		size_t length = strcspn(directories, ":");
		const char *path = arena_format(arena, "%.*s/%s", (int)length, directories, name);

		if (path[0] == '/' && access(path, X_OK) == 0)
			return path;
		directories += length + (directories[length] == ':');
	}
	return NULL;
}

int lab_program_find(const char *name, struct arena *arena, const char **ret_path,
		     struct lab_problem *problem)
{
	const char *path = find_in(getenv("PATH"), name, arena);

	if (!path)
		path = find_in("/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin", name, arena);
	if (!path)
		return lab_problem_set(problem, -ENOENT,
				       "the lab needs the program %s; install the package %s", name,
				       package_of(name));
	*ret_path = path;
	return 0;
}
