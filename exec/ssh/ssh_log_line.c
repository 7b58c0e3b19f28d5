#include "exec/ssh/ssh_log_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Whether a line begins with one of these, and goes on. */
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

/* Returns where the word begins that ends at a place of the line. */
static const char *word_before(const char *line, const char *at)
{
	while (at > line && at[-1] != ' ')
		at--;
	return at;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether "debug1: " ends at a place of the line. */
static bool debug_before(const char *line, const char *at)
{
	static const char level[] = "debug";

	return at - line >= 8 && at[-1] == ' ' && at[-2] == ':' && is_digit(at[-3]) &&
	       memcmp(at - 8, level, strlen(level)) == 0;
}

/*
 * Reads "channels.c:channel_new():503 (pid=7): ", or newer "… (bin=ssh, pid=7): ", whose opening bracket is there.
 * Returns whether it is a tag.
 */
static bool read_tag(const char *line, size_t length, const char *bracket,
		     struct ssh_log_tag *ret_tag)
{
	static const char pid_mark[] = "pid=", end_mark[] = "): ";
	const char *end_of_line = line + length, *start = word_before(line, bracket - 1);
	const char *call = memmem(start, (size_t)(bracket - start), "():", 3);
	const char *end = memmem(bracket, (size_t)(end_of_line - bracket), end_mark, 3);
	const char *pid = end ? memmem(bracket, (size_t)(end - bracket), pid_mark, 4) : NULL;
	const char *colon = call ? memchr(start, ':', (size_t)(call - start)) : NULL;

	if (!pid || !colon)
		return false;
	*ret_tag = (struct ssh_log_tag){
		.function = colon + 1,
		.length = (size_t)(call - colon - 1),
		.pid = strtol(pid + strlen(pid_mark), NULL, 10),
		.debug = debug_before(line, start),
		.said = end + strlen(end_mark),
	};
	return true;
}

/* Whether nothing stands before the tag but the level of a debug line. */
static bool is_first(const char *line, const struct ssh_log_tag *tag)
{
	const char *start = word_before(line, tag->function);

	return start == line || (tag->debug && start - line == 8);
}

bool ssh_log_find_tag(const char *line, size_t length, long pid, struct ssh_log_tag *ret_tag)
{
	static const char mark[] = " (";
	const char *at = line, *end = line + length;
	bool found = false;

	while (!found && (at = memmem(at, (size_t)(end - at), mark, strlen(mark)))) {
		at++;
		found = read_tag(line, length, at, ret_tag) &&
			(pid ? ret_tag->pid == pid : is_first(line, ret_tag));
	}
	return found;
}

bool ssh_log_next(const char **text, const char **ret_line, size_t *ret_length)
{
	const char *line = *text;
	size_t length = strcspn(line, "\n");
	struct ssh_log_tag tag;

	if (!*line)
		return false;
	*text = line + length + (line[length] == '\n');
	while (length && line[length - 1] == '\r')
		length--;
	*ret_line = line;
	*ret_length = length;
	if (ssh_log_find_tag(line, length, 0, &tag) && !tag.debug) {
		*ret_line = tag.said;
		*ret_length = length - (size_t)(tag.said - line);
	}
	return true;
}

bool ssh_log_is_aside(const char *line, size_t length)
{
	static const char *const asides[] = {
		"debug",
		"Authenticated to ",
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
