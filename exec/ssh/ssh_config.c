#include "exec/ssh/ssh_config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/ssh/ssh_facts.h"
#include "topology/base/memory.h"

extern char **environ;

/* How many are asked at the same time. */
#define AT_ONCE 8

/* What another program says of its version may be long. */
#define FIRST_LINE_MAX 60

/* A question, and what ssh said. */
struct ssh_said {
	const char *question; /* its words, a line feed behind each */
	const char *answer;   /* or NULL */
	bool told;            /* its lines were appended */
	pid_t pid;            /* the ssh that was asked, until it was heard out; or 0 */
	int fd;               /* what it says comes from there */
};

/* Starts ssh; what it says (errors: also on stderr) comes out of *ret_fd. Returns 0 or -errno. */
static int start(const char *const *argv, bool errors, pid_t *ret_pid, int *ret_fd)
{
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	error = posix_spawn_file_actions_init(&actions);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	if (!error && errors)
		error = posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
	else if (!error)
		error = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (!error)
		error = posix_spawnp(ret_pid, "ssh", &actions, NULL, (char *const *)(uintptr_t)argv,
				     environ);
	if (error == ENOMEM)
		memory_exhausted();
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (error)
		close(ends[0]);
	else
		*ret_fd = ends[0];
	return -error;
}

/* Reads all that an ssh says. Returns 0, or -ETIMEDOUT or -EINTR when patience has ended before. */
static int read_all(const struct ssh_config *config, pid_t pid, int fd, struct strbuf *text)
{
	static const struct patience endless = {.until_ms = -1};
	struct wait wait = wait_begin(config->patience ? config->patience : &endless);
	char part[4096];
	ssize_t size = 1;
	int ready;

	wait.told = !config->patience;
	while (size > 0 || (size < 0 && errno == EINTR)) {
		ready = wait_for(&wait, fd, POLLIN, -1);
		if (ready < 0)
			return ready;
		if (ready == 0) {
			wait_tell(&wait, SSH_CONFIG_READER, pid);
			continue;
		}
		size = read(fd, part, sizeof(part));
		if (size > 0)
			strbuf_add(text, part, (size_t)size);
	}
	return 0;
}

static bool succeeded(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Who we are needs not be said. */
static const char *other_user(const char *user)
{
	const struct passwd *self = memory_found(getpwuid(getuid()));

	return user && self && strcmp(user, self->pw_name) == 0 ? NULL : user;
}

/* Who has asked waits no longer, or ssh has said all. Returns whether it ended well. */
static bool finish(struct ssh_said *said)
{
	const pid_t pid = said->pid;

	said->pid = 0;
	close(said->fd);
	return succeeded(pid);
}

/* Waits for all that ssh says, if it was not heard yet. There is no answer if it does not end well, or patience ends. */
static void hear_out(struct ssh_config *config, struct ssh_said *said)
{
	struct strbuf text = {0};

	if (!said->pid)
		return;
	if (!config->gave_up)
		config->gave_up = read_all(config, said->pid, said->fd, &text);
	if (config->gave_up)
		kill(said->pid, SIGKILL);
	if (finish(said) && !config->gave_up)
		said->answer = arena_string(&config->arena, strbuf_text(&text));
	strbuf_finish(&text);
}

/* Asks ssh what it makes of a hop, unless it was asked before. It is not waited for, but for who is far behind. */
static struct ssh_said *ask(struct ssh_config *config, const struct plan_hop *hop, bool by_hand)
{
	const char *const *argv = ssh_facts_question(hop, by_hand, &config->arena);
	const char *question = "";
	struct ssh_said *said;

	for (size_t i = 0; argv[i]; i++)
		question = arena_format(&config->arena, "%s%s\n", question, argv[i]);
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->said[i].question, question) == 0)
			return &config->said[i];
	if (config->count >= AT_ONCE)
		hear_out(config, &config->said[config->count - AT_ONCE]);
	said = arena_push(&config->arena, &config->said, &config->count, sizeof(*said));
	*said = (struct ssh_said){.question = question};
	if (start(argv, false, &said->pid, &said->fd))
		said->pid = 0;
	return said;
}

/* The same, and waits for the answer. */
static struct ssh_said *hear(struct ssh_config *config, const struct plan_hop *hop, bool by_hand)
{
	struct ssh_said *said = ask(config, hop, by_hand);

	hear_out(config, said);
	return said;
}

/* Returns a value, or NULL where it is ssh's word for nothing. */
static const char *set(const char *answer, const char *keyword, const char *nothing,
		       struct arena *arena)
{
	const char *value = ssh_facts_value(answer, keyword, arena);

	return value && strcmp(value, nothing) != 0 ? value : NULL;
}

static unsigned number(const char *answer, const char *keyword, struct arena *arena)
{
	const char *value = ssh_facts_value(answer, keyword, arena);

	return value ? (unsigned)strtoul(value, NULL, 10) : 0;
}

static unsigned traps_in(const char *answer, struct arena *arena)
{
	static const struct {
		const char *keyword, *harmless;
		enum plan_trap trap;
	} rows[] = {
		{"controlpath", "none", PLAN_TRAP_CONTROL},
		{"forkafterauthentication", "no", PLAN_TRAP_FORK},
		{"clearallforwardings", "no", PLAN_TRAP_CLEAR},
		{"proxyusefdpass", "no", PLAN_TRAP_PASSING},
		{"remotecommand", "none", PLAN_TRAP_COMMAND},
		{"stdinnull", "no", PLAN_TRAP_STDIN},
	};
	unsigned traps = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (set(answer, rows[i].keyword, rows[i].harmless, arena))
			traps |= rows[i].trap;
	return traps;
}

/* What the planner wants to know. Returns false where ssh does not say. */
static bool read_said(const struct ssh_said *said, struct arena *arena, struct plan_said *ret_said)
{
	const char *answer = said->answer;

	if (!answer)
		return false;
	*ret_said = (struct plan_said){
		.hostname = ssh_facts_value(answer, "hostname", arena),
		.port = (uint16_t)number(answer, "port", arena),
		.user = other_user(ssh_facts_value(answer, "user", arena)),
		.key_alias = ssh_facts_value(answer, "hostkeyalias", arena),
		.family = set(answer, "addressfamily", "any", arena),
		.bind = ssh_facts_value(answer, "bindaddress", arena),
		.interface = ssh_facts_value(answer, "bindinterface", arena),
		.jump = set(answer, "proxyjump", "none", arena),
		.command = set(answer, "proxycommand", "none", arena),
		.traps = traps_in(answer, arena),
		.alive_s = number(answer, "serveraliveinterval", arena),
		.alive_count_max = number(answer, "serveralivecountmax", arena),
	};
	return ret_said->hostname != NULL;
}

void ssh_config_finish(struct ssh_config *config)
{
	for (size_t i = 0; i < config->count; i++) {
		struct ssh_said *said = &config->said[i];

		if (!said->pid)
			continue;
		kill(said->pid, SIGKILL);
		finish(said);
	}
	arena_finish(&config->arena);
	*config = (struct ssh_config){0};
}

void ssh_config_ask(struct ssh_config *config, const struct plan *plan, const bool *except)
{
	for (size_t i = 0; i < plan->hop_count; i++)
		if (plan->hops[i].client == plan->me && !(except && except[i]))
			ask(config, &plan->hops[i], false);
}

void ssh_config_facts(struct ssh_config *config, const struct plan *plan,
		      struct plan_request *request)
{
	struct plan_fact *facts = arena_array(&config->arena, plan->hop_count, sizeof(*facts));

	request->facts = facts;
	request->fact_count = 0;
	ssh_config_ask(config, plan, NULL);
	for (size_t i = 0; i < plan->hop_count; i++)
		if (plan->hops[i].client == plan->me)
			ask(config, &plan->hops[i], true);
	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];
		struct plan_fact *fact = &facts[request->fact_count];

		fact->hop = i;
		if (hop->client == plan->me &&
		    read_said(hear(config, hop, false), &config->arena, &fact->up) &&
		    read_said(hear(config, hop, true), &config->arena, &fact->by_hand))
			request->fact_count++;
	}
}

void ssh_config_lines(struct ssh_config *config, const struct plan *plan, const bool *except,
		      struct strbuf *lines)
{
	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];
		struct ssh_said *said;

		if (hop->client != plan->me || (except && except[i]))
			continue;
		said = hear(config, hop, false);
		if (said->answer && !said->told)
			ssh_facts_add(hop, said->answer, lines);
		said->told = true;
	}
}

/* Whether one of them was started and has not answered: the files may be wrong, or it is no OpenSSH. */
static bool was_silent(struct ssh_config *config)
{
	bool silent = false;

	for (size_t i = 0; i < config->count; i++) {
		hear_out(config, &config->said[i]);
		silent |= !config->said[i].answer;
	}
	return silent;
}

/* The first line of a text, as far as it can be shown. */
static void add_first_line(const char *text, struct strbuf *words)
{
	for (size_t i = 0; i < FIRST_LINE_MAX && text[i] >= ' ' && text[i] <= '~'; i++)
		strbuf_add(words, text + i, 1);
}

bool ssh_config_is_foreign(struct ssh_config *config, struct strbuf *words)
{
	static const char *const argv[] = {"ssh", "-V", NULL};
	static const char ours[] = "OpenSSH";
	struct ssh_said said = {.fd = -1};
	struct strbuf text = {0};
	bool foreign = false;

	if (!was_silent(config) || config->gave_up || start(argv, true, &said.pid, &said.fd))
		return false;
	config->gave_up = read_all(config, said.pid, said.fd, &text);
	if (config->gave_up)
		kill(said.pid, SIGKILL);
	finish(&said);
	foreign = !config->gave_up && strncmp(strbuf_text(&text), ours, strlen(ours)) != 0;
	if (foreign)
		add_first_line(strbuf_text(&text), words);
	strbuf_finish(&text);
	return foreign;
}
