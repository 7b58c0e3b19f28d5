/* Targets: the tunnels that the words of a command line name: tunnels of the file, or ad hoc ones. */
#ifndef TUNPLAN_CMD_TARGETS_H
#define TUNPLAN_CMD_TARGETS_H

#include "cmd/loaded.h"

/* Tunnels in the order in which they are named, none of the file twice; in the arena of the loaded file. */
struct targets {
	const struct tunnel **tunnels;
	size_t count;
	bool incomplete; /* a group or pattern also stands for a tunnel that is left out (topology.spoiled) */
};

/*
 * Resolves the words of the command line: a tunnel, group or pattern of the file; else, where the command
 * takes these, too (adhoc), a host (a login), "INGRESS -> EGRESS" or an egress alone (topology/adhoc.h).
 * Prints what is none of these and returns EXIT_USAGE, or the errors of a tunnel that is named and left
 * out, and returns EXIT_TOPOLOGY; else EXIT_DONE.
 */
int targets_find(const struct cli *cli, struct loaded *loaded, char **words, size_t word_count,
		 bool adhoc, struct targets *ret_targets);

/* Resolves hosts that an option names; prints which is unknown and returns EXIT_USAGE. */
int targets_hosts(struct loaded *loaded, const char *const *names, size_t name_count,
		  size_t **ret_hosts);

#endif
