/*
 * Shell: quotes words so that a POSIX shell reads them back unchanged.
 *
 * For commands that people paste, and for ssh's ProxyCommand, which a shell runs.
 */
#ifndef TUNPLAN_PLANNER_VIEWS_SHELL_H
#define TUNPLAN_PLANNER_VIEWS_SHELL_H

#include "topology/base/arena.h"
#include "topology/base/strbuf.h"

/* Appends one word, quoted where it has to be. */
void shell_quote(struct strbuf *text, const char *word);

/* Appends the words of a NULL-terminated argv, each quoted, with spaces between them. */
void shell_join(struct strbuf *text, const char *const *argv);

/* Returns the same in an arena. */
const char *shell_line(const char *const *argv, struct arena *arena);

#endif
