/*
 * Commands: the table of subcommands, from which main.c dispatches, and the table of roles in which this
 * program starts itself. A new command is a file, a row here, and a paragraph in tunplan(1), which is also its
 * help (manual.h).
 */
#ifndef TUNPLAN_CMD_COMMANDS_H
#define TUNPLAN_CMD_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/cli.h"

/* Returns all commands in the order of the manual, and how many they are. */
const struct command *const *commands_all(size_t *ret_count);

/* Returns the command with that name, or NULL. */
const struct command *commands_find(const char *name);

/* Whether that command is described in the design but not in this version. */
bool commands_is_planned(const char *name);

/* Returns the role that argv[1] names, or NULL: then a person is calling. */
const struct role *roles_find(const char *flag);

#endif
