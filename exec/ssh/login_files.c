#include "exec/ssh/login_files.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "exec/ssh/ssh_facts.h"
#include "topology/base/hash.h"

/* --- which */

/* Where ssh looks when nobody tells it anything else. */
static const char *const usual[] = {"~/.ssh/", "/etc/ssh/"};

/* The options of a hop that name files. */
static const char *const naming[] = {"IdentityFile=", "CertificateFile=", "UserKnownHostsFile=",
				     "GlobalKnownHostsFile=", "IdentityAgent="};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct files {
	const char *const *env;
	struct arena *arena;
	const char **paths;
	size_t count;
};

static const char *value_of(const char *const *env, const char *name)
{
	const size_t length = strlen(name);

	for (; env && *env; env++)
		if (strncmp(*env, name, length) == 0 && (*env)[length] == '=')
			return *env + length + 1;
	return NULL;
}

static void add(struct files *files, const char *path)
{
	const char *home = value_of(files->env, "HOME");

	if (path[0] == '~' && path[1] == '/' && home)
		path = arena_format(files->arena, "%s%s", home, path + 1);
	*(const char **)arena_push(files->arena, &files->paths, &files->count, sizeof(path)) = path;
}

/* Adds each of some words that is a path. */
static void add_words(struct files *files, const char *words)
{
	static const char between[] = " \"";

	while (*(words += strspn(words, between))) {
		const size_t length = strcspn(words, between);

		if (words[0] == '/' || (words[0] == '~' && words[1] == '/'))
			add(files, arena_copy(files->arena, words, length));
		words += length;
	}
}

static void add_options(struct files *files, const char *const *options)
{
	for (; options && *options; options++)
		for (size_t i = 0; i < COUNT(naming); i++)
			if (strncmp(*options, naming[i], strlen(naming[i])) == 0)
				add_words(files, *options + strlen(naming[i]));
}

const char *const *login_files_list(const struct plan_hop *hop, const char *const *env,
				    const char *facts, struct arena *arena)
{
	struct files files = {.env = env, .arena = arena};
	const char *named = ssh_facts_find(facts, hop, SSH_FACTS_FILES, arena);
	const char *agent = value_of(env, "SSH_AUTH_SOCK");

	for (size_t i = 0; i < COUNT(usual); i++)
		add(&files, usual[i]);
	if (hop->identity)
		add(&files, hop->identity);
	add_options(&files, hop->options);
	if (named)
		add_words(&files, named);
	if (agent && *agent)
		add(&files, agent);
	*(const char **)arena_push(arena, &files.paths, &files.count, sizeof(char *)) = NULL;
	return files.paths;
}

/* --- what there is of them */

static uint64_t file_signature(const char *path, const struct stat *info)
{
	char text[128];

	snprintf(text, sizeof(text), "%ju %ju %ju %jo %jd.%09jd", (uintmax_t)info->st_dev,
		 (uintmax_t)info->st_ino, (uintmax_t)info->st_size, (uintmax_t)info->st_mode,
		 (intmax_t)info->st_ctim.tv_sec, (intmax_t)info->st_ctim.tv_nsec);
	return text_hash_long(text, strlen(text)) ^ text_hash_long(path, strlen(path));
}

/* Sockets of others' masters come and go there. */
static uint64_t directory_signature(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	uint64_t sum = 0;

	while (directory && (entry = readdir(directory))) {
		struct stat info;

		if (fstatat(dirfd(directory), entry->d_name, &info, 0) == 0 &&
		    S_ISREG(info.st_mode))
			sum += file_signature(entry->d_name, &info);
	}
	if (directory)
		closedir(directory);
	return sum;
}

uint64_t login_files_signature(const struct plan_hop *hop, const char *const *env,
			       const char *facts)
{
	struct arena arena = {0};
	const char *const *paths = login_files_list(hop, env, facts, &arena);
	uint64_t sum = 0;

	for (; *paths; paths++) {
		struct stat info;

		if (stat(*paths, &info) != 0)
			continue;
		sum += S_ISDIR(info.st_mode) ? directory_signature(*paths)
					     : file_signature(*paths, &info);
	}
	arena_finish(&arena);
	return sum;
}

const char *login_files_agent(const struct plan_hop *hop, const char *const *env, const char *facts,
			      struct arena *arena)
{
	const char *const *paths = login_files_list(hop, env, facts, arena);
	struct stat info;

	/* What a configuration names stands before the variable. */
	while (*paths && !(stat(*paths, &info) == 0 && S_ISSOCK(info.st_mode)))
		paths++;
	return *paths;
}
