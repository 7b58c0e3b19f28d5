#include "exec/ssh/ssh_config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topology/base/memory.h"

extern char **environ;

/* Starts `ssh -G`; what it says comes out of *ret_fd. Returns 0 or -errno. */
static int start(const char *destination, pid_t *ret_pid, int *ret_fd)
{
	char program[] = "ssh", option[] = "-G", end[] = "--";
	char *argv[] = {program, option, end, memory_string(destination), NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		free(argv[3]);
		return -errno;
	}
	error = posix_spawn_file_actions_init(&actions);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (!error)
		error = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	if (error == ENOMEM)
		memory_exhausted();
	posix_spawn_file_actions_destroy(&actions);
	free(argv[3]);
	close(ends[1]);
	if (error)
		close(ends[0]);
	else
		*ret_fd = ends[0];
	return -error;
}

static void read_all(int fd, struct strbuf *text)
{
	char part[4096];
	ssize_t size;

	while ((size = read(fd, part, sizeof(part))) > 0 || (size < 0 && errno == EINTR))
		if (size > 0)
			strbuf_add(text, part, (size_t)size);
	close(fd);
}

static bool succeeded(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Returns the value of a keyword, which stands in lower case at the start of a line; or NULL. */
static const char *value_of(const char *text, const char *keyword, struct arena *arena)
{
	const size_t length = strlen(keyword);

	while (*text) {
		const size_t line = strcspn(text, "\n");

		if (line > length && text[length] == ' ' && strncmp(text, keyword, length) == 0)
			return arena_copy(arena, text + length + 1, line - length - 1);
		text += line + (text[line] == '\n');
	}
	return NULL;
}

/* Who we are needs not be said. */
static const char *other_user(const char *user)
{
	const struct passwd *self = memory_found(getpwuid(getuid()));

	return user && self && strcmp(user, self->pw_name) == 0 ? NULL : user;
}

/* Appends what `ssh -G` says of a destination. Returns whether it said all. */
static bool ask(const char *destination, struct strbuf *text)
{
	pid_t pid = -1;
	int fd = -1;

	if (start(destination, &pid, &fd))
		return false;
	read_all(fd, text);
	return succeeded(pid);
}

bool ssh_config_ask(const char *destination, struct arena *arena, struct plan_fact *ret_fact)
{
	struct strbuf text = {0};
	const char *hostname, *port, *jump;
	bool good = ask(destination, &text);

	hostname = value_of(strbuf_text(&text), "hostname", arena);
	port = value_of(strbuf_text(&text), "port", arena);
	jump = value_of(strbuf_text(&text), "proxyjump", arena);
	good = good && hostname && port;
	if (good)
		*ret_fact = (struct plan_fact){
			.destination = arena_string(arena, destination),
			.hostname = hostname,
			.port = (uint16_t)strtoul(port, NULL, 10),
			.user = other_user(value_of(strbuf_text(&text), "user", arena)),
			.proxy_jump = jump && strcmp(jump, "none") != 0 ? jump : NULL,
		};
	strbuf_finish(&text);
	return good;
}

/* Appends a word and the separator, which stands before the first one, too; unless it is there. */
static bool add_once(struct strbuf *words, char separator, const char *word)
{
	char *marked = memory_format("%c%s%c", separator, word, separator);
	const bool is_new = !strstr(strbuf_text(words), marked);

	if (is_new)
		strbuf_puts(words, marked + (words->length ? 1 : 0));
	free(marked);
	return is_new;
}

void ssh_config_ignored(const struct plan *plan, struct ssh_ignored *ignored)
{
	for (size_t i = 0; i < plan->hop_count; i++) {
		const char *destination =
			plan->hops[i].config ? plan->hops[i].config : plan->hops[i].address;
		struct arena arena = {0};
		struct strbuf text = {0};
		const char *names;

		if (!add_once(&ignored->asked, '\n', destination))
			continue;
		names = ask(destination, &text)
				? value_of(strbuf_text(&text), "ignoreunknown", &arena)
				: NULL;
		if (names)
			add_once(&ignored->names, ',', names);
		strbuf_finish(&text);
		arena_finish(&arena);
	}
}

void ssh_config_ignored_finish(struct ssh_ignored *ignored)
{
	strbuf_finish(&ignored->asked);
	strbuf_finish(&ignored->names);
}
