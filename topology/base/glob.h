/*
 * Glob: patterns in which `*` matches any characters, or none, and `?` matches one.
 *
 * Members of `groups` are such patterns, and so are hosts in an sshd's PermitListen (ssh_config(5),
 * PATTERNS). A pattern is matched with a whole text, a name or an address. Case matters, and there
 * is no escape: a `*` or `?` cannot be matched literally.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_GLOB_H
#define TUNPLAN_TOPOLOGY_BASE_GLOB_H

#include <stdbool.h>

/* Whether a text has a `*` or a `?`, and so may match others than itself. */
bool glob_is(const char *text);

/* Whether a pattern matches a text. That takes at most the product of their lengths in steps. */
bool glob_matches(const char *pattern, const char *text);

#endif
