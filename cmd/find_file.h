/*
 * Find file: the topology that a command uses when the user names none.
 *
 * Searched like a git repository, in this directory and its parents, so that a topology can live in
 * the project that it belongs to.
 */
#ifndef TUNPLAN_CMD_FIND_FILE_H
#define TUNPLAN_CMD_FIND_FILE_H

#include <stdbool.h>

#include "topology/base/strbuf.h"

/*
 * Appends the path of the topology: option (-f) if not NULL, else $TUNPLAN_FILE, else the nearest
 * tunplan.yaml in the working directory or a parent of it, else tunplan/tunplan.yaml in
 * $XDG_CONFIG_HOME (~/.config). A path that somebody named is taken whether it exists or not; the
 * others are returned only if they exist. Returns false when there is none.
 */
bool find_file(const char *option, struct strbuf *ret_path);

#endif
