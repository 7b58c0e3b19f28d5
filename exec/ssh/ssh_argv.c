#include "exec/ssh/ssh_argv.h"

#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_facts.h"
#include "exec/ssh/ssh_log_line.h"
#include "topology/base/memory.h"

/*
 * Options that older versions do not know must not end them: those of the table below, and those of a
 * hop's own that change nothing where they are ignored.
 */
#define IGNORE_UNKNOWN                                                                           \
	"IgnoreUnknown=ForkAfterAuthentication,SessionType,StdinNull,ChannelTimeout,LogVerbose," \
	"PermitRemoteOpen,EnableEscapeCommandline,Tag,ObscureKeystrokeTiming,VersionAddendum,"   \
	"WarnWeakCrypto"

/* Of an option that ssh is given twice the first counts: a hop's own stand before these. */
static const char *const options[] = {
	/* A foreground master, and no session on it. */
	"ControlMaster=yes",
	"ControlPersist=no",
	"ForkAfterAuthentication=no",
	"SessionType=none",
	"StdinNull=no",
	"RemoteCommand=none",
	"RequestTTY=no",
	"PermitLocalCommand=no",

	/* Nothing forwarded but what is asked for on the control socket. */
	"ClearAllForwardings=yes",
	"ExitOnForwardFailure=no",
	"GatewayPorts=no",
	"Tunnel=no",
	"ForwardX11=no",
	"ForwardAgent=no",
	"StreamLocalBindUnlink=yes",
	"ChannelTimeout=none",
	"PermitRemoteOpen=any",

	/* What it says goes to a log that is read by ssh_log.h. */
	"LogLevel=INFO",
	"LogVerbose=" SSH_LOG_VERBOSE,
	"VisualHostKey=no",
	"EscapeChar=none",

	/* No questions, no changes to the user's files and agent. */
	"BatchMode=yes",
	"UpdateHostKeys=no",
	"AddKeysToAgent=no",
};

/* An argv under construction. */
struct builder {
	const struct plan_hop *hop;
	const char *facts;
	struct arena arena; /* for what is not part of the argv */
	char **argv;
	size_t count;
	size_t room;
};

/* Takes the word. */
static void add(struct builder *builder, char *word)
{
	builder->argv = memory_reserve(builder->argv, &builder->room, builder->count + 1,
				       sizeof(*builder->argv));
	builder->argv[builder->count++] = word;
}

/* Takes the option's text. */
static void add_option(struct builder *builder, char *option)
{
	add(builder, memory_string("-o"));
	add(builder, option);
}

/* Returns what the user's ssh_config states of the hop under a keyword, or NULL. */
static const char *stated(struct builder *builder, const char *keyword)
{
	return ssh_facts_find(builder->facts, builder->hop, keyword, &builder->arena);
}

/* Before all other options. Ours counts instead of the user's own, which it must therefore contain. */
static void add_ignored(struct builder *builder)
{
	const char *ignored = stated(builder, "ignoreunknown");

	add_option(builder, memory_format("%s%s%s", IGNORE_UNKNOWN, ignored ? "," : "",
					  ignored ? ignored : ""));
}

/* Adds an option of ours, unless the user's ssh_config states one. The hop's own stand before it anyway. */
static void add_default(struct builder *builder, const char *keyword, const char *option)
{
	if (!stated(builder, keyword))
		add_option(builder, memory_string(option));
}

/*
 * One attempt with a deadline, which a hop that is carried has from us: through a slow chain ssh would
 * give up what still comes. A dead link is noticed within a minute.
 */
static void add_deadlines(struct builder *builder)
{
	const unsigned count = plan_alive_count_max(builder->hop);

	if (!plan_is_carried(builder->hop)) {
		add_default(builder, "connecttimeout", "ConnectTimeout=10");
		add_default(builder, "connectionattempts", "ConnectionAttempts=1");
	}
	add_default(builder, "serveraliveinterval",
		    arena_format(&builder->arena, "ServerAliveInterval=%d", SSH_ARGV_ALIVE_S));
	add_default(builder, "serveralivecountmax",
		    arena_format(&builder->arena, "ServerAliveCountMax=%u", count));
}

/* What keeps a hop alive that would be ended for being idle: before all that is stated. */
static void add_alive(struct builder *builder, const struct ssh_incarnation *incarnation)
{
	if (!incarnation->alive_s)
		return;
	add_option(builder, memory_format("ServerAliveInterval=%u", incarnation->alive_s));
	add_option(builder, memory_format("ServerAliveCountMax=%u", incarnation->alive_count));
}

/* Appends a path with % doubled: it would be expanded. */
static void double_percent(const char *path, struct strbuf *text)
{
	for (; *path; path++)
		strbuf_puts(text, *path == '%' ? "%%" : (const char[]){*path, '\0'});
}

void ssh_argv_control(const char *path, struct strbuf *text)
{
	strbuf_puts(text, "ControlPath=\"");
	double_percent(path, text);
	strbuf_puts(text, "\"");
}

static void add_control_path(struct builder *builder, const char *path)
{
	struct strbuf text = {0};

	ssh_argv_control(path, &text);
	add_option(builder, memory_string(strbuf_text(&text)));
	strbuf_finish(&text);
}

void ssh_argv_quote(const char *word, struct strbuf *text)
{
	strbuf_puts(text, "'");
	for (; *word; word++) {
		if (*word == '\'')
			strbuf_puts(text, "'\\''");
		else if (*word == '%')
			strbuf_puts(text, "%%");
		else
			strbuf_add(text, word, 1);
	}
	strbuf_puts(text, "'");
}

/* Adds a ProxyCommand of words that end with NULL. */
static void add_proxy(struct builder *builder, const char *const *words)
{
	struct strbuf text = {0};

	strbuf_puts(&text, "ProxyCommand=");
	for (size_t i = 0; words[i]; i++) {
		if (i)
			strbuf_puts(&text, " ");
		ssh_argv_quote(words[i], &text);
	}
	add_option(builder, memory_string(strbuf_text(&text)));
	/* The process relays; it would be the user's own ProxyCommand that passes a descriptor back. */
	add_option(builder, memory_string("ProxyUseFdpass=no"));
	strbuf_finish(&text);
}

/*
 * Makes ssh dial through the parent's control socket, by a process that knows no other way: if the
 * parent is gone, there is nothing that could connect directly instead.
 */
static void add_holder(struct builder *builder, const struct plan_hop *hop,
		       const struct ssh_incarnation *incarnation)
{
	char *port = memory_format("%u", hop->port);
	const char *const words[] = {incarnation->program, "--holder", incarnation->parent_path,
				     hop->address,         port,       NULL};

	add_proxy(builder, words);
	free(port);
}

/* The same where the parent's sshd may not forward: a program there dials. */
static void add_relay(struct builder *builder, const struct plan_hop *hop,
		      const struct ssh_incarnation *incarnation)
{
	struct arena arena = {0};
	const char *const *relay = plan_relay_argv(hop, &arena);
	const char *const words[] = {incarnation->program,
				     "--holder",
				     "--run",
				     incarnation->parent_path,
				     relay[0],
				     relay[1],
				     relay[2],
				     NULL};

	add_proxy(builder, words);
	arena_finish(&arena);
}

static void add_login(struct builder *builder)
{
	const struct plan_hop *hop = builder->hop;
	const char *key = plan_key_name(hop, stated(builder, "hostkeyalias"),
					stated(builder, "hostname"), &builder->arena);

	if (hop->identity) {
		add_option(builder, memory_format("IdentityFile=\"%s\"", hop->identity));
		add_option(builder, memory_string("IdentitiesOnly=yes"));
	}
	if (key)
		add_option(builder, memory_format("HostKeyAlias=%s", key));
	if (hop->user) {
		add(builder, memory_string("-l"));
		add(builder, memory_string(hop->user));
	}
	/* What carries it dials what the plan says: under no other place may ssh look for its key. */
	if (plan_is_carried(hop))
		add_option(builder, memory_format("HostName=%s", hop->address));
	/* 22 is left to an ssh that dials itself, so that a Port of the user's ssh_config counts. */
	if (plan_is_carried(hop) || hop->port != 22) {
		add(builder, memory_string("-p"));
		add(builder, memory_format("%u", hop->port));
	}
}

char **ssh_argv_master(const struct plan_hop *hop, const struct ssh_incarnation *incarnation)
{
	struct builder builder = {.hop = hop, .facts = incarnation->facts};

	add(&builder, memory_string("ssh"));
	add(&builder, memory_string("-N"));
	add(&builder, memory_string("-T"));
	add_ignored(&builder);
	add_alive(&builder, incarnation);
	for (size_t i = 0; hop->options && hop->options[i]; i++)
		add_option(&builder, memory_string(hop->options[i]));
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		add_option(&builder, memory_string(options[i]));
	add_deadlines(&builder);
	add_control_path(&builder, incarnation->control_path);
	if (incarnation->parent_path && hop->method == PLAN_RELAYED)
		add_relay(&builder, hop, incarnation);
	else if (incarnation->parent_path)
		add_holder(&builder, hop, incarnation);
	else if (!hop->config)
		/* It keeps a ProxyJump out, too; ProxyJump=none would end canonical names as well. */
		add_option(&builder, memory_string("ProxyCommand=none"));
	add_login(&builder);
	add(&builder, memory_string(hop->config ? hop->config : hop->address));
	add(&builder, NULL);
	arena_finish(&builder.arena);
	return builder.argv;
}

/* Whether a hop's own options have a keyword. */
static bool has_option(const struct plan_hop *hop, const char *keyword)
{
	const size_t length = strlen(keyword);

	for (size_t i = 0; hop->options && hop->options[i]; i++)
		if (strncmp(hop->options[i], keyword, length) == 0 &&
		    hop->options[i][length] == '=')
			return true;
	return false;
}

bool ssh_argv_states_timeout(const struct plan_hop *hop, const char *facts)
{
	struct arena arena = {0};
	const bool states = has_option(hop, "ConnectTimeout") ||
			    has_option(hop, "ConnectionAttempts") ||
			    ssh_facts_find(facts, hop, "connecttimeout", &arena) ||
			    ssh_facts_find(facts, hop, "connectionattempts", &arena);

	arena_finish(&arena);
	return states;
}

/* Of the format below. Hops of different versions are never the same. */
#define KEY_VERSION "tunplan-hop 1"

/* No text of a plan can hold a line feed. */
static void put_line(const char *name, const char *value, struct strbuf *text)
{
	if (value)
		strbuf_printf(text, "%s %s\n", name, value);
}

void ssh_argv_key(const struct plan_hop *hop, struct strbuf *text)
{
	static const char *const relays[] = {[RELAY_SOCAT] = "socat", [RELAY_NC] = "nc"};

	strbuf_printf(text, KEY_VERSION "\nplace %s %u\n", hop->address, hop->port);
	put_line("method", plan_method_name(hop->method), text);
	if (hop->method == PLAN_RELAYED)
		put_line("relay", relays[hop->relay], text);
	put_line("user", hop->user, text);
	put_line("identity", hop->identity, text);
	put_line("config", hop->config, text);
	put_line("key", hop->key_alias, text);
	for (size_t i = 0; hop->options && hop->options[i]; i++)
		put_line("option", hop->options[i], text);
}

/* A colon and a backslash have a meaning of their own in -L and -R. */
static void put_path(const char *path, struct strbuf *text)
{
	for (; *path; path++) {
		if (*path == ':' || *path == '\\')
			strbuf_puts(text, "\\");
		strbuf_add(text, path, 1);
	}
}

static void put_end(const char *address, uint16_t port, const char *path, struct strbuf *text)
{
	if (path)
		put_path(path, text);
	else if (strchr(address, ':'))
		strbuf_printf(text, "[%s]:%u", address, port);
	else
		strbuf_printf(text, "%s:%u", address, port);
}

const char *ssh_argv_forward(const struct mux_forward *forward, struct strbuf *argument)
{
	static const char *const option[] = {
		[PLAN_LOCAL] = "-L",
		[PLAN_REMOTE] = "-R",
		[PLAN_DYNAMIC] = "-D",
	};

	put_end(forward->bind, forward->bind_port, forward->bind_path, argument);
	if (forward->target || forward->target_path) {
		strbuf_puts(argument, ":");
		put_end(forward->target, forward->target_port, forward->target_path, argument);
	}
	return option[forward->type];
}
