/* Targets: what `plan` and `export` are asked for: tunnels of the file, or ad hoc. */
#ifndef TUNPLAN_CMD_TARGETS_H
#define TUNPLAN_CMD_TARGETS_H

#include "cmd/cli.h"

/*
 * Resolves the words of the command line: a tunnel, group or pattern of the file; else a host (a
 * login), "INGRESS -> EGRESS" or an egress alone (topology/adhoc.h). Prints what is none of these and
 * returns EXIT_USAGE, else EXIT_DONE. The array is in loaded->arena; no tunnel of the file is in it
 * twice.
 */
int targets_find(const struct cli *cli, struct loaded *loaded, char **words, size_t word_count,
		 const struct tunnel ***ret_tunnels, size_t *ret_count);

/* Resolves hosts that an option names; prints which is unknown and returns EXIT_USAGE. */
int targets_hosts(struct loaded *loaded, const char *const *names, size_t name_count,
		  size_t **ret_hosts);

#endif
