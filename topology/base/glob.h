/*
 * Glob: patterns in which `*` stands for any characters, none among them, and `?` for one.
 *
 * Groups name tunnels by them, and an sshd has them in PermitListen, where they are those of ssh_config(5).
 * What is matched is a whole text: a name or an address. Upper and lower case differ, and no character
 * can be taken literally that is one of the two.
 */
#ifndef TUNPLAN_TOPOLOGY_BASE_GLOB_H
#define TUNPLAN_TOPOLOGY_BASE_GLOB_H

#include <stdbool.h>

/* Whether a text has a `*` or a `?`, and so may match others than itself. */
bool glob_is(const char *text);

/* Whether a pattern matches a text. That takes at most the product of their lengths in steps. */
bool glob_matches(const char *pattern, const char *text);

#endif
