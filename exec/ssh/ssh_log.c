#include "exec/ssh/ssh_log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_log_line.h"
#include "exec/system/list.h"
#include "topology/base/memory.h"

/* Of the longest line that is read whole; of all words of ssh's own; and how many subjects are remembered. */
#define LINE_MAX_BYTES  8192
#define WORDS_MAX_BYTES 16384
#define SUBJECTS_MAX    4096
/* Of what a server says before its banner: more is no sentence. */
#define PREFACE_MAX_BYTES 200

/* What a subject is: its name is what ssh calls it. */
enum subject_kind {
	DIAL,     /* "10.2.0.3:22" */
	LISTENER, /* a line about one that could not be opened */
	WIDENED,  /* an address */
	USED, /* a listener by its connections: "8080 forwarding to h port 22", "listen ::1 port 9090", "request: /x.sock" */
};

struct subject {
	enum subject_kind kind;
	char *name;
	struct strbuf words;
	struct ssh_log_use use;
};

/* One that is open, or is being opened. */
struct channel {
	int number;
	struct subject *of;
	bool open;
};

struct ssh_log {
	struct strbuf rest; /* of a line that is not complete yet */
	struct strbuf own;  /* ssh's own words, a line each */
	struct strbuf said; /* the last of them that is about no listener */
	long pid;           /* of the ssh, once it has told; 0 */
	bool quotes;        /* what comes untagged is the server's */
	bool banner;
	bool shut_out;    /* the sshd lets nobody from here in */
	bool begun;       /* the sshd has said what there is to say of the login */
	bool forced;      /* the key has a command of its own */
	unsigned version; /* of the sshd */
	struct strbuf preface;
	struct login_log login;
	bool attributes;       /* it tells dials apart */
	struct strbuf refusal; /* the last one that belongs to no channel that is known */
	unsigned opened;       /* ssh_log_opened() */
	unsigned refused;      /* ssh_log_refused() */
	struct list subjects;  /* struct subject */
	struct list channels;  /* struct channel */
	struct subject *next;  /* to whom the next new channel belongs, or NULL */
};

struct ssh_log *ssh_log_create(void)
{
	struct ssh_log *log = memory_alloc(sizeof(*log));

	return log;
}

static void free_subject(struct subject *subject)
{
	free(subject->name);
	strbuf_finish(&subject->words);
	free(subject);
}

void ssh_log_destroy(struct ssh_log *log)
{
	if (!log)
		return;
	for (size_t i = 0; i < log->subjects.count; i++)
		free_subject(log->subjects.items[i]);
	for (size_t i = 0; i < log->channels.count; i++)
		free(log->channels.items[i]);
	list_finish(&log->subjects);
	list_finish(&log->channels);
	strbuf_finish(&log->rest);
	strbuf_finish(&log->own);
	strbuf_finish(&log->said);
	strbuf_finish(&log->refusal);
	strbuf_finish(&log->preface);
	login_log_finish(&log->login);
	free(log);
}

/* --- subjects and channels ------------------------------------------------------------------- */

static struct subject *find_subject(const struct ssh_log *log, enum subject_kind kind,
				    const char *name)
{
	for (size_t i = log->subjects.count; i-- > 0;) {
		struct subject *subject = log->subjects.items[i];

		if (subject->kind == kind && strcmp(subject->name, name) == 0)
			return subject;
	}
	return NULL;
}

static void forget_channels(struct ssh_log *log, const struct subject *of)
{
	for (size_t i = log->channels.count; i-- > 0;) {
		struct channel *channel = log->channels.items[i];

		if (channel->of != of)
			continue;
		list_remove(&log->channels, channel);
		free(channel);
	}
	if (log->next == of)
		log->next = NULL;
}

static void forget(struct ssh_log *log, struct subject *subject)
{
	forget_channels(log, subject);
	list_remove(&log->subjects, subject);
	free_subject(subject);
}

static struct subject *make_subject(struct ssh_log *log, enum subject_kind kind, const char *name)
{
	struct subject *subject = find_subject(log, kind, name);

	if (subject)
		return subject;
	if (log->subjects.count >= SUBJECTS_MAX)
		forget(log, log->subjects.items[0]);
	subject = memory_alloc(sizeof(*subject));
	subject->kind = kind;
	subject->name = memory_string(name);
	list_add(&log->subjects, subject);
	return subject;
}

static struct channel *find_channel(const struct ssh_log *log, int number)
{
	for (size_t i = 0; i < log->channels.count; i++) {
		struct channel *channel = log->channels.items[i];

		if (channel->number == number)
			return channel;
	}
	return NULL;
}

/*
 * Returns the one of that number that is being opened, or NULL: what is said of one that is open is about another one, whose
 * beginning is not in the log, because there was no room for it.
 */
static struct channel *find_opening(const struct ssh_log *log, int number)
{
	struct channel *channel = find_channel(log, number);

	return channel && !channel->open ? channel : NULL;
}

static void close_channel(struct ssh_log *log, int number)
{
	struct channel *channel = find_channel(log, number);

	if (channel)
		list_remove(&log->channels, channel);
	free(channel);
}

/* Whether a new channel of a type is the one that was announced. */
static bool fits(const struct subject *subject, const char *type)
{
	static const char *const dials[] = {"stdio-forward", NULL};
	static const char *const uses[] = {"direct-", "dynamic-tcpip", "forwarded-", NULL};
	const char *const *types = subject->kind == DIAL ? dials : uses;

	for (; *types; types++)
		if (strncmp(type, *types, strlen(*types)) == 0)
			return true;
	return false;
}

static void open_channel(struct ssh_log *log, const char *said)
{
	struct channel *channel;
	char type[32];
	int number;

	if (sscanf(said, "channel %d: new %31s", &number, type) != 2)
		return;
	close_channel(log, number);
	if (log->next && fits(log->next, type)) {
		channel = memory_alloc(sizeof(*channel));
		*channel = (struct channel){number, log->next, false};
		list_add(&log->channels, channel);
	}
	log->next = NULL;
}

/* A channel was refused, or what is behind it. */
static void refuse(struct ssh_log *log, int number, const char *words)
{
	const struct channel *channel = find_opening(log, number);

	/* In old logs every refusal is that of a dial, and they are not told apart. */
	if (!channel) {
		strbuf_clear(&log->refusal);
		strbuf_puts(&log->refusal, words);
		return;
	}
	channel->of->use.refused++;
	log->refused += channel->of->kind == USED;
	strbuf_clear(&channel->of->words);
	strbuf_puts(&channel->of->words, words);
}

static void confirm(struct ssh_log *log, int number)
{
	struct channel *channel = find_opening(log, number);

	if (!channel)
		return;
	channel->open = true;
	channel->of->use.opened++;
	log->opened += channel->of->kind == USED;
}

/* --- debug lines ----------------------------------------------------------------------------- */

static void announce(struct ssh_log *log, enum subject_kind kind, const char *name)
{
	log->next = make_subject(log, kind, name);
	log->next->use.came++;
}

static void dial_begins(struct ssh_log *log, const char *said)
{
	log->attributes = true;
	announce(log, DIAL, said);
}

/* "Connection to port 8080 forwarding to h port 22 requested." */
static void listener_is_used(struct ssh_log *log, const char *said)
{
	static const char before[] = "Connection to port ", after[] = " requested.";
	const char *end = strstr(said, after);
	char *name;

	if (strncmp(said, before, strlen(before)) != 0 || !end)
		return;
	said += strlen(before);
	name = memory_format("%.*s", (int)(end - said), said);
	announce(log, USED, name);
	free(name);
}

/*
 * "listen 127.0.0.1 port 9090, originator 10.2.0.4 port 4711": the address is the one that ssh asked for, else it takes
 * no connection; none is all of them.
 */
static void listener_there_is_used(struct ssh_log *log, const char *said)
{
	static const char before[] = "listen ";
	const char *end = strchr(said, ',');
	char *name;

	if (strncmp(said, before, strlen(before)) != 0 || !end)
		return;
	name = memory_format("%.*s", (int)(end - said), said);
	announce(log, USED, name);
	free(name);
}

/* "request: /run/x.sock" */
static void path_there_is_used(struct ssh_log *log, const char *said)
{
	announce(log, USED, said);
}

static void channel_is_confirmed(struct ssh_log *log, const char *said)
{
	int number;

	if (sscanf(said, "channel %d: ", &number) == 1 && strstr(said, ": open confirm "))
		confirm(log, number);
}

/* Of a remote forward: "channel 1: connected to h port 22", "channel 1: connection failed: Connection refused". */
static void channel_is_connected(struct ssh_log *log, const char *said)
{
	static const char failed[] = "connection failed: ";
	const char *words = strstr(said, failed);
	int number;

	if (sscanf(said, "channel %d: ", &number) != 1)
		return;
	if (words)
		refuse(log, number, words + strlen(failed));
	else if (strstr(said, ": connected to "))
		confirm(log, number);
}

static void channel_is_free(struct ssh_log *log, const char *said)
{
	int number;

	if (sscanf(said, "channel %d: free:", &number) == 1)
		close_channel(log, number);
}

/* Versions of OpenSSH as numbers: the first that needs no session, and that sends its host keys after a login. */
#define QUICK      1001
#define SENDS_KEYS 608
/* Of a server that is not OpenSSH's. */
#define OTHER UINT_MAX

static void read_banner(struct ssh_log *log, const char *said)
{
	static const char name[] = "OpenSSH";
	const char *at = strstr(said, "match: ");
	unsigned major, minor;

	log->version = 0;
	if (!at)
		return;
	at += strlen("match: ");
	if (strncmp(at, name, strlen(name)) != 0)
		log->version = OTHER;
	else if (sscanf(at + strlen(name), "_%3u.%2u", &major, &minor) == 2)
		log->version = 100 * major + minor;
	else
		log->version = 1;
}

/* What stands before the banner: "banner line 0: Not allowed at this time", or "… This host is down for maintenance". */
static void read_preface(struct ssh_log *log, const char *said)
{
	static const char before[] = "banner line ";
	const char *at = strstr(said, ": ");

	log->shut_out |= strstr(said, SSH_LOG_SHUT_OUT) != NULL;
	if (strncmp(said, before, strlen(before)) != 0 || !at || !at[2])
		return;
	strbuf_printf(&log->preface, "%s%s", log->preface.length ? " | " : "", at + 2);
	if (log->preface.length > PREFACE_MAX_BYTES)
		strbuf_cut(&log->preface, PREFACE_MAX_BYTES);
}

static void login_begins(struct ssh_log *log, const char *said)
{
	(void)said;
	log->banner = true;
}

/* What the sshd says of the login, and of what it makes of a request. */
static void sshd_says(struct ssh_log *log, const char *said)
{
	static const char options[] = "key options:", command[] = " command",
			  wide[] = "Forwarding listen address \"", by[] = "\" overridden by server";
	const char *at = strstr(said, options), *end;
	char *address;

	log->forced |= at && strstr(at, command);
	at = strstr(said, wide);
	end = at ? strstr(at, by) : NULL;
	if (!end)
		return;
	at += strlen(wide);
	address = memory_format("%.*s", (int)(end - at), at);
	make_subject(log, WIDENED, address);
	free(address);
}

/* The sshd sends its keys together with what it has to say of the login, when that is done. */
static void sshd_requests(struct ssh_log *log, const char *said)
{
	log->begun |= strstr(said, "hostkeys-00@openssh.com") != NULL;
}

static void quote(struct ssh_log *log, const char *said)
{
	(void)said;
	log->quotes = true;
}

/* Who reads which debug line. */
static const struct {
	const char *function;
	void (*read)(struct ssh_log *log, const char *said);
} readers[] = {
	{"channel_connect_stdio_fwd", dial_begins},
	{"channel_post_port_listener", listener_is_used},
	{"client_request_forwarded_tcpip", listener_there_is_used},
	{"client_request_forwarded_streamlocal", path_there_is_used},
	{"channel_new", open_channel},
	{"channel_input_open_confirmation", channel_is_confirmed},
	{"channel_post_connecting", channel_is_connected},
	{"channel_free", channel_is_free},
	{"kex_exchange_identification", read_preface},
	{"compat_banner", read_banner},
	{"ssh_login", login_begins},
	{"ssh_packet_read_poll_seqnr", sshd_says},
	{"client_input_global_request", sshd_requests},
	{"input_userauth_banner", quote},
};

static bool is_function(const struct ssh_log_tag *tag, const char *name)
{
	return strlen(name) == tag->length && memcmp(name, tag->function, tag->length) == 0;
}

static void read_debug(struct ssh_log *log, const struct ssh_log_tag *tag, const char *end)
{
	char *said = memory_format("%.*s", (int)(end - tag->said), tag->said);

	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (is_function(tag, readers[i].function))
			readers[i].read(log, said);
	login_log_hear(&log->login, tag->function, tag->length, said);
	free(said);
}

/* --- words ----------------------------------------------------------------------------------- */

/* "channel 2: open failed: administratively prohibited: open failed" */
static bool read_refusal(struct ssh_log *log, const char *line)
{
	static const char mark[] = ": open failed: ";
	const char *reason = strstr(line, mark);
	int number;

	if (!reason || sscanf(line, "channel %d:", &number) != 1)
		return false;
	refuse(log, number, reason + 2);
	return true;
}

/* Only the last of many are kept. */
static void keep_words(struct ssh_log *log, const char *line)
{
	const char *text, *cut;

	strbuf_printf(&log->own, "%s\n", line);
	if (log->own.length <= WORDS_MAX_BYTES)
		return;
	text = strbuf_text(&log->own) + log->own.length - WORDS_MAX_BYTES / 2;
	cut = strchr(text, '\n') + 1;
	memmove(log->own.text, cut, strlen(cut) + 1);
	strbuf_cut(&log->own, strlen(log->own.text));
}

static void read_words(struct ssh_log *log, const char *line)
{
	const size_t length = strlen(line);

	if (read_refusal(log, line) || !length)
		return;
	if (ssh_log_is_about_listener(line, length))
		make_subject(log, LISTENER, line);
	if (ssh_log_is_aside(line, length))
		return;
	keep_words(log, line);
	if (ssh_log_is_about_listener(line, length))
		return;
	strbuf_clear(&log->said);
	strbuf_puts(&log->said, line);
}

/* The text of a disconnect message is the server's, up to its end. */
static bool is_servers(const char *line)
{
	return strncmp(line, "Received disconnect from ", strlen("Received disconnect from ")) == 0;
}

/* The ssh of a ProxyCommand may tell, too; it has read its sshd's banner before. */
static bool is_of_ssh(struct ssh_log *log, const struct ssh_log_tag *tag)
{
	if (!log->pid || is_function(tag, "compat_banner"))
		log->pid = tag->pid;
	return tag->pid == log->pid;
}

/* Returns what ssh said behind a tag: where that would begin with the name of its function, the tag is instead of it. */
static char *untag(const struct ssh_log_tag *tag, const char *end)
{
	const bool is_named = is_function(tag, "kex_exchange_identification");

	return memory_format("%.*s%s%.*s", is_named ? (int)tag->length : 0, tag->function,
			     is_named ? ": " : "", (int)(end - tag->said), tag->said);
}

static void read_line(struct ssh_log *log, const char *line, size_t length)
{
	struct ssh_log_tag tag;
	char *said;

	while (length && line[length - 1] == '\r')
		length--;
	/* A server's text may end without a line break. */
	if (ssh_log_find_tag(line, length, log->quotes ? log->pid : 0, &tag) &&
	    is_of_ssh(log, &tag)) {
		log->quotes = false;
		if (tag.debug) {
			read_debug(log, &tag, line + length);
			return;
		}
		said = untag(&tag, line + length);
	} else if (log->quotes) {
		return;
	} else {
		said = memory_format("%.*s", (int)length, line);
	}
	read_words(log, said);
	log->quotes = log->pid && is_servers(said);
	free(said);
}

void ssh_log_add(struct ssh_log *log, const char *bytes, size_t length)
{
	const char *end = bytes + length, *stop;

	for (; (stop = memchr(bytes, '\n', (size_t)(end - bytes))); bytes = stop + 1) {
		strbuf_add(&log->rest, bytes, (size_t)(stop - bytes));
		read_line(log, strbuf_text(&log->rest), log->rest.length);
		strbuf_clear(&log->rest);
	}
	if (log->rest.length < LINE_MAX_BYTES)
		strbuf_add(&log->rest, bytes, (size_t)(end - bytes));
}

void ssh_log_end(struct ssh_log *log)
{
	if (log->rest.length)
		ssh_log_add(log, "\n", 1);
}

/* --- questions ------------------------------------------------------------------------------- */

bool ssh_log_has_banner(const struct ssh_log *log)
{
	return log->banner;
}

bool ssh_log_is_shut_out(const struct ssh_log *log)
{
	return log->shut_out;
}

const char *ssh_log_preface(const struct ssh_log *log)
{
	return log->banner || log->shut_out ? "" : strbuf_text(&log->preface);
}

bool ssh_log_is_openssh(const struct ssh_log *log)
{
	return log->version && log->version != OTHER;
}

bool ssh_log_is_other(const struct ssh_log *log)
{
	return log->version == OTHER;
}

const struct login_log *ssh_log_login(const struct ssh_log *log)
{
	return &log->login;
}

bool ssh_log_tells(const struct ssh_log *log)
{
	return log->pid != 0;
}

enum ssh_log_priming ssh_log_priming(const struct ssh_log *log)
{
	const bool old = log->version > 1 && log->version < SENDS_KEYS;

	if (log->forced || log->version >= QUICK)
		return SSH_LOG_PRIMING_SPARED;
	return !log->pid || log->begun || old ? SSH_LOG_PRIMING_NEEDED : SSH_LOG_PRIMING_UNKNOWN;
}

bool ssh_log_is_forced(const struct ssh_log *log)
{
	return log->forced;
}

const char *ssh_log_words(const struct ssh_log *log)
{
	return strbuf_text(&log->own);
}

const char *ssh_log_last_words(const struct ssh_log *log)
{
	return strbuf_text(&log->said);
}

static struct subject *find_dial(const struct ssh_log *log, const char *address, unsigned port)
{
	char *name = memory_format("%s:%u", address, port);
	struct subject *subject = find_subject(log, DIAL, name);

	free(name);
	return subject;
}

void ssh_log_expect_dial(struct ssh_log *log, const char *address, unsigned port)
{
	struct subject *subject = find_dial(log, address, port);

	if (subject)
		strbuf_clear(&subject->words);
	strbuf_clear(&log->refusal);
}

unsigned ssh_log_dials(const struct ssh_log *log, const char *address, unsigned port)
{
	const struct subject *subject = find_dial(log, address, port);

	return subject ? subject->use.came : 0;
}

struct ssh_log_use ssh_log_dial_use(const struct ssh_log *log, const char *address, unsigned port)
{
	const struct subject *subject = find_dial(log, address, port);

	return subject ? subject->use : (struct ssh_log_use){0};
}

bool ssh_log_dial_failure(const struct ssh_log *log, const char *address, unsigned port,
			  struct strbuf *words)
{
	const struct subject *subject = find_dial(log, address, port);
	const struct strbuf *said = log->attributes ? NULL : &log->refusal;

	if (subject)
		said = &subject->words;
	if (!said || !said->length)
		return false;
	strbuf_add(words, said->text, said->length);
	return true;
}

/* Whether a line names the port of a listener alone. */
static bool names_port(const char *line, const struct mux_forward *forward)
{
	static const char mark[] = "listen to port: ";
	const char *at = forward->bind_path ? NULL : strstr(line, mark);

	return at && strtoul(at + strlen(mark), NULL, 10) == forward->bind_port;
}

/* Whether a line names the place of a listener. */
static bool names_place(const char *line, const struct mux_forward *forward)
{
	char *name = forward->bind_path
			     ? memory_format("path %s:", forward->bind_path)
			     : memory_format("[%s]:%u:", forward->bind, forward->bind_port);
	const bool names = strstr(line, name) != NULL;

	free(name);
	return names || names_port(line, forward);
}

void ssh_log_expect_listener(struct ssh_log *log, const struct mux_forward *forward)
{
	for (size_t i = log->subjects.count; i-- > 0;) {
		struct subject *subject = log->subjects.items[i];

		if (subject->kind == LISTENER && names_place(subject->name, forward))
			forget(log, subject);
	}
}

void ssh_log_listener_failure(const struct ssh_log *log, const struct mux_forward *forward,
			      struct strbuf *words)
{
	for (size_t i = 0; i < log->subjects.count; i++) {
		const struct subject *subject = log->subjects.items[i];

		if (subject->kind == LISTENER && names_place(subject->name, forward))
			strbuf_printf(words, "%s\n", subject->name);
	}
}

bool ssh_log_widened(const struct ssh_log *log, const char *address)
{
	return find_subject(log, WIDENED, address) != NULL;
}

unsigned ssh_log_opened(const struct ssh_log *log)
{
	return log->opened;
}

unsigned ssh_log_refused(const struct ssh_log *log)
{
	return log->refused;
}

/* What ssh calls a listener when somebody comes to it. */
static char *name_of_use(const struct mux_forward *forward)
{
	const char *target = forward->target ? forward->target : forward->target_path;

	if (forward->type == PLAN_REMOTE && forward->bind_path)
		return memory_format("request: %s", forward->bind_path);
	if (forward->type == PLAN_REMOTE)
		return memory_format("listen %s port %u",
				     strcmp(forward->bind, "*") == 0 ? "" : forward->bind,
				     forward->bind_port);
	return memory_format(
		"%d forwarding to %s port %d", forward->bind_path ? -2 : (int)forward->bind_port,
		target ? target : "socks", forward->target_path ? -2 : (int)forward->target_port);
}

struct ssh_log_use ssh_log_use(const struct ssh_log *log, const struct mux_forward *forward,
			       const char **words)
{
	char *name = name_of_use(forward);
	const struct subject *subject = find_subject(log, USED, name);

	free(name);
	if (words)
		*words = subject ? strbuf_text(&subject->words) : "";
	return subject ? subject->use : (struct ssh_log_use){0};
}
