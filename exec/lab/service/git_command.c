#include "exec/lab/service/git_command.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/lab/host/layout.h"

static const char suffix[] = ".git";

/* What git's client asks for, in git's older and newer spelling. */
static const struct {
	const char *command; /* up to the path */
	const char *verb;
} verbs[] = {
	{"git-upload-pack ", "upload-pack"},       {"git upload-pack ", "upload-pack"},
	{"git-receive-pack ", "receive-pack"},     {"git receive-pack ", "receive-pack"},
	{"git-upload-archive ", "upload-archive"},
};

static bool name_allowed(const char *name, size_t length)
{
	if (length == 0 || name[0] == '.' || name[0] == '-')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return false;
	return true;
}

/* Takes a path as git quotes it, 'PATH', and gives the repository's name. */
static bool path_parse(const char *path, char *ret_name, size_t name_size)
{
	size_t length = strlen(path);

	if (length >= 2 && path[0] == '\'' && path[length - 1] == '\'') {
		path++;
		length -= 2;
	}
	if (length > 0 && path[0] == '/') {
		path++;
		length--;
	}
	if (length >= sizeof(suffix) - 1 &&
	    strncmp(path + length - (sizeof(suffix) - 1), suffix, sizeof(suffix) - 1) == 0)
		length -= sizeof(suffix) - 1;
	if (!name_allowed(path, length) || length + sizeof(suffix) > name_size)
		return false;
	snprintf(ret_name, name_size, "%.*s%s", (int)length, path, suffix);
	return true;
}

bool lab_git_parse(const char *command, const char **ret_verb, char *ret_name, size_t name_size)
{
	for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++) {
		size_t length = strlen(verbs[v].command);

		if (strncmp(command, verbs[v].command, length) != 0)
			continue;
		*ret_verb = verbs[v].verb;
		return path_parse(command + length, ret_name, name_size);
	}
	return false;
}

int lab_git_main(int argc, char **argv)
{
	const char *command = getenv("SSH_ORIGINAL_COMMAND"), *verb;
	char name[256], path[sizeof(LAB_REPOS) + sizeof(name) + 1];

	(void)argc;
	(void)argv;
	if (!command || !lab_git_parse(command, &verb, name, sizeof(name))) {
		fprintf(stderr, "This is a git server: clone, fetch and push work here, as in\n"
				"git clone ssh://git@HOST:PORT/" LAB_REPOSITORY "\n");
		return 128;
	}
	snprintf(path, sizeof(path), "%s/%s", LAB_REPOS, name);
	execlp("git", "git", verb, path, (char *)NULL);
	perror("git");
	return 128;
}
