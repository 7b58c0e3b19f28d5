/*
 * Name: which texts may be names, and which characters the other words of the language may have.
 *
 * Names end up on command lines, in ssh_config and as network interfaces of the lab. An allow-list
 * of characters keeps a topology from smuggling an option or a command into any of these.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_NAME_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_NAME_H

#include "topology/language/fault.h"

/* Longest name, in bytes: that of a host in the DNS. */
#define NAME_LENGTH_MAX 253

/* Longest path of a unix socket, in bytes (sun_path without its NUL). */
#define NAME_SOCKET_MAX 107

/*
 * Whether [text, text + length) has the form of a name:
 * [A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?. On failure fills *ret_fault; texts are in arena.
 */
bool name_form(const char *text, size_t length, struct arena *arena, struct fault *ret_fault);

/* Whether a text is one of several words; NULL stands behind the last one. */
bool name_is_one_of(const char *text, const char *const *words);

/*
 * Returns whether the text is a word with a meaning of its own: any me auto socks none localhost.
 */
bool name_reserved(const char *text);

/*
 * Whether [text, text + length) consists of numbers alone, with dots between them: "10.1.5", "0x7f.1".
 * getaddrinfo() takes such texts for addresses, most of them for others than one would expect (10.1.5
 * is 10.1.0.5 to it, as inet_aton(3) says). A name is never one of them, and the only ones that may be
 * dialled are addresses of four decimal numbers.
 */
bool name_numeric(const char *text, size_t length);

/*
 * Whether a text may be given to something as its name: name_form(), not reserved, nothing that a
 * YAML 1.1 reader takes for another type (https://yaml.org/type/), and not name_numeric().
 */
bool name_check(const char *text, size_t length, struct arena *arena, struct fault *ret_fault);

/* Whether a text may be the path of a unix socket: absolute, short enough, plain characters. */
bool name_socket(const char *text, size_t length, struct arena *arena, struct fault *ret_fault);

/*
 * Whether a path means one file wherever ssh runs: it is absolute, or begins at a home directory. A
 * relative one would be looked for in the working directory of each ssh, and that of a master is /.
 */
bool name_whole_path(const char *text);

/* What to do about one that does not. */
#define NAME_WHOLE_PATH_HELP \
	"begin it with '/' or '~/': ssh would look for it in whatever directory it runs in"

/* Whether a text may be a login name, or the whole path of a key (`~/` is ssh's to expand). */
bool name_user(const char *text, struct arena *arena, struct fault *ret_fault);
bool name_identity(const char *text, struct arena *arena, struct fault *ret_fault);

/* Whether a text may be a remark for people: one line of printable characters, at most so long. */
bool name_remark(const char *text, size_t length, size_t length_max, struct arena *arena,
		 struct fault *ret_fault);

/*
 * Whether a text may be the value of an option of ssh: letters, digits, and no character that ssh
 * expands or quotes by.
 */
bool name_option(const char *text, struct arena *arena, struct fault *ret_fault);

#endif
