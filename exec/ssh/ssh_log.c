#include "exec/ssh/ssh_log.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How many bytes of a line are in front of what ssh says: "packet.c:function():1782 (pid=7): ". */
static size_t tag_length(const char *line, size_t length)
{
	static const char pid[] = " (pid=", end[] = "): ";
	const char *at = memmem(line, length, pid, strlen(pid));

	/* The tag of a debug line stands behind "debug1: ", and is what the line is known by. */
	if (!at || memchr(line, ' ', (size_t)(at - line)) ||
	    !memmem(line, (size_t)(at - line), "():", 3))
		return 0;
	at = memmem(at, length - (size_t)(at - line), end, strlen(end));
	return at ? (size_t)(at - line) + strlen(end) : 0;
}

bool ssh_log_next(const char **text, const char **ret_line, size_t *ret_length)
{
	const char *line = *text;
	size_t length = strcspn(line, "\n"), tag;

	if (!*line)
		return false;
	*text = line + length + (line[length] == '\n');
	while (length && line[length - 1] == '\r')
		length--;
	tag = tag_length(line, length);
	*ret_line = line + tag;
	*ret_length = length - tag;
	return true;
}

/* Whether a line begins with one of these. */
static bool begins_with(const char *line, size_t length, const char *const *beginnings,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const size_t size = strlen(beginnings[i]);

		if (length > size && memcmp(line, beginnings[i], size) == 0)
			return true;
	}
	return false;
}

static bool is_debug(const char *line, size_t length)
{
	static const char *const debug[] = {"debug"};

	return begins_with(line, length, debug, COUNT(debug));
}

bool ssh_log_is_aside(const char *line, size_t length)
{
	static const char *const asides[] = {
		"debug",
		/* A connection through it was refused, by the tunnel host or, of a remote forward, here. */
		"channel ",
		"connect_to ",
		"connect to ",
		/* What was asked on its control socket, by whomever. (What ssh says who asks is "mux_client_".) */
		"mux_confirm_",
		"mux_master_",
		"mux_session_",
		"mux_stdio_",
		"mm_",
	};

	return begins_with(line, length, asides, COUNT(asides));
}

bool ssh_log_is_about_listener(const char *line, size_t length)
{
	static const char *const beginnings[] = {
		"bind [",
		"bind: ",
		"listen [",
		"unix_listener: ",
		"channel_setup_fwd_listener",
		"Privileged ports ",
		"Warning: remote port forwarding failed",
		"Error: remote port forwarding failed",
		"remote port forwarding failed",
		"accept: ",
	};

	return begins_with(line, length, beginnings, COUNT(beginnings));
}

/* Returns what a debug line of that function says, behind its "(pid=N): ", or NULL. */
static const char *debug_says(const char *line, size_t length, const char *function,
			      size_t *ret_length)
{
	static const char mark[] = "): ";
	const char *at;

	if (!is_debug(line, length) || !memmem(line, length, function, strlen(function)))
		return NULL;
	at = memmem(line, length, mark, strlen(mark));
	if (!at)
		return NULL;
	at += strlen(mark);
	*ret_length = length - (size_t)(at - line);
	return at;
}

bool ssh_log_has_banner(const char *log)
{
	const char *line;
	size_t length, said;

	while (ssh_log_next(&log, &line, &length))
		if (debug_says(line, length, "ssh_login()", &said))
			return true;
	return false;
}

/* What the walk through a log knows about one dial. */
struct dial {
	const char *target; /* "10.2.0.3:22" */
	bool next_is_ours;  /* the next new channel belongs to our target */
	int channel;        /* the channel of our last dial, or -1 */
	bool attributed;    /* the log has lines that tell dials apart */
};

static void follow_dial(struct dial *dial, const char *line, size_t length)
{
	size_t said;
	const char *text = debug_says(line, length, "channel_connect_stdio_fwd()", &said);

	if (text) {
		dial->attributed = true;
		dial->next_is_ours =
			said == strlen(dial->target) && memcmp(text, dial->target, said) == 0;
		return;
	}
	text = debug_says(line, length, "channel_new()", &said);
	if (text && dial->next_is_ours) {
		dial->next_is_ours = false;
		if (sscanf(text, "channel %d:", &dial->channel) != 1)
			dial->channel = -1;
	}
}

/* Returns what a line says behind "channel N: open failed: " and sets N, or returns NULL. */
static const char *open_failed(const char *line, size_t length, int *ret_channel)
{
	static const char mark[] = ": open failed: ";
	const char *reason = memmem(line, length, mark, strlen(mark));

	if (!reason || sscanf(line, "channel %d:", ret_channel) != 1)
		return NULL;
	return reason + 2;
}

enum ssh_log_outcome ssh_log_socket_dial(const char *log, struct strbuf *words)
{
	static const char kind[] = "new direct-streamlocal";
	int ours = -1, channel = -1;
	const char *line, *text;
	size_t length, said;

	while (ssh_log_next(&log, &line, &length)) {
		text = open_failed(line, length, &channel);
		if (text && channel == ours) {
			strbuf_add(words, text, length - (size_t)(text - line));
			return SSH_LOG_REFUSED;
		}
		text = debug_says(line, length, "channel_new()", &said);
		if (text && ours < 0 && memmem(text, said, kind, strlen(kind)) &&
		    sscanf(text, "channel %d:", &channel) == 1)
			ours = channel;
		text = debug_says(line, length, "channel_input_open_confirmation()", &said);
		if (text && sscanf(text, "channel %d:", &channel) == 1 && channel == ours)
			return SSH_LOG_OPENED;
	}
	return SSH_LOG_PENDING;
}

bool ssh_log_dial_failure(const char *log, const char *address, unsigned port, struct strbuf *words)
{
	char target[512];
	struct dial dial = {.target = target, .channel = -1};
	const char *line, *found = NULL;
	size_t length, found_length = 0;
	int channel;

	snprintf(target, sizeof(target), "%s:%u", address, port);
	while (ssh_log_next(&log, &line, &length)) {
		const char *reason = open_failed(line, length, &channel);

		if (!reason) {
			follow_dial(&dial, line, length);
			/* What failed before our dial was another's. */
			if (dial.next_is_ours)
				found = NULL;
			continue;
		}
		if (dial.attributed && channel != dial.channel)
			continue;
		found = reason;
		found_length = length - (size_t)(found - line);
	}
	if (found)
		strbuf_add(words, found, found_length);
	return found != NULL;
}

/* Versions of OpenSSH as numbers: the first that needs no session, and that sends its host keys after a login. */
#define QUICK      1001
#define SENDS_KEYS 608

/* Returns the version of the sshd that says this of itself; 0: not known; of another one than OpenSSH, UINT_MAX. */
static unsigned version_of(const char *text, size_t length)
{
	static const char name[] = "OpenSSH";
	const char *at = memmem(text, length, "match: ", strlen("match: "));
	unsigned major, minor;

	if (!at)
		return 0;
	at += strlen("match: ");
	if (strncmp(at, name, strlen(name)) != 0)
		return UINT_MAX;
	return sscanf(at + strlen(name), "_%3u.%2u", &major, &minor) == 2 ? 100 * major + minor : 0;
}

static bool has_command(const char *text, size_t length)
{
	static const char options[] = "key options:", command[] = " command";
	const char *at = memmem(text, length, options, strlen(options));

	return at && memmem(at, length - (size_t)(at - text), command, strlen(command));
}

enum ssh_log_priming ssh_log_priming(const char *log)
{
	static const char keys[] = "hostkeys-00@openssh.com";
	bool tells = false, forced = false, begun = false;
	unsigned version = 0;
	const char *line, *text;
	size_t length, said;

	while (ssh_log_next(&log, &line, &length)) {
		tells |= is_debug(line, length);
		if ((text = debug_says(line, length, "compat_banner()", &said)))
			version = version_of(text, said);
		if ((text = debug_says(line, length, "ssh_packet_read_poll_seqnr()", &said)))
			forced |= has_command(text, said);
		/* The sshd sends them together with what it has to say of the login, when that is done. */
		if ((text = debug_says(line, length, "client_input_global_request()", &said)))
			begun |= memmem(text, said, keys, strlen(keys)) != NULL;
	}
	if (forced || version >= QUICK)
		return SSH_LOG_PRIMING_SPARED;
	return !tells || begun || (version && version < SENDS_KEYS) ? SSH_LOG_PRIMING_NEEDED
								    : SSH_LOG_PRIMING_UNKNOWN;
}

bool ssh_log_widened(const char *log, const char *address)
{
	char said[512];

	snprintf(said, sizeof(said), "Forwarding listen address \"%s\" overridden by server",
		 address);
	return strstr(log, said) != NULL;
}
