#include "topology/language/port_help.h"

#include <string.h>

#include "topology/language/address.h"

#define ONLY_TCP "ssh carries TCP alone: what listens on UDP cannot be reached through a tunnel"

static const struct {
	const char *word;
	const char *help;
} rows[] = {
	{"udp", ONLY_TCP},
	{"tcp", "write the number of the port; every port is one of TCP"},
	{"icmp", "rules are about TCP alone: ssh carries nothing else"},
	{"any", "leave the ports away: then it is every port"},
	{"all", "leave the ports away: then it is every port"},
	{"*", "leave the ports away: then it is every port"},
	{"ssh", "write the number of the port: 22"},
	{"http", "write the number of the port: 80"},
	{"https", "write the number of the port: 443"},
	{"postgresql", "write the number of the port: 5432"},
	{"mysql", "write the number of the port: 3306"},
};

static const char *word_help(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strlen(rows[i].word) == length && memcmp(rows[i].word, text, length) == 0)
			return rows[i].help;
	}
	return NULL;
}

/* 53/udp, tcp/80 */
static const char *protocol_help(const char *text, size_t length, struct arena *arena)
{
	const char *slash = memchr(text, '/', length);
	const size_t before = slash ? (size_t)(slash - text) : 0;
	const char *parts[2] = {text, text + before + 1};
	const size_t lengths[2] = {before, length - before - 1};

	for (size_t i = 0; slash && i < 2; i++) {
		if (!address_port(parts[i], lengths[i], &(uint16_t){0}))
			continue;
		if (lengths[1 - i] != 3)
			return NULL;
		if (memcmp(parts[1 - i], "udp", 3) == 0)
			return ONLY_TCP;
		if (memcmp(parts[1 - i], "tcp", 3) == 0)
			return arena_format(arena, "write %.*s alone; every port is one of TCP",
					    (int)lengths[i], parts[i]);
	}
	return NULL;
}

/* 22:25, 22..25, 22-25: two ports, and what a rule has between them is '-'. */
static const char *range_help(const char *text, size_t length, struct arena *arena)
{
	static const char digits[] = "0123456789";
	size_t first = 0, last = length;

	while (first < length && strchr(digits, text[first]))
		first++;
	while (last > first && strchr(digits, text[last - 1]))
		last--;
	if (first == 0 || last == length || last - first > 2 || first == last)
		return NULL;
	for (size_t i = first; i < last; i++) {
		if (!strchr(":.-", text[i]))
			return NULL;
	}
	return arena_format(arena,
			    "a range of ports stands in rules alone, as %.*s-%.*s; a tunnel with "
			    "several ports is a list of forwards",
			    (int)first, text, (int)(length - last), text + last);
}

const char *port_help_own(const char *text, size_t length, struct arena *arena)
{
	const char *help = word_help(text, length);

	if (!help)
		help = protocol_help(text, length, arena);
	return help ? help : range_help(text, length, arena);
}

const char *port_help(const char *text, size_t length, struct arena *arena)
{
	const char *help = port_help_own(text, length, arena);

	if (!help && memchr(text, '/', length))
		help = "the path of a socket begins with '/'";
	return help ? help : "a port is a number from 1 to 65535";
}
