/*
 * Wanted: the tunnels that the words of `down`, `status` and `logs` mean.
 *
 * The supervisor is asked first and the file second, so what is up, or has failed, can be named and ended whatever
 * became of its file: the tunnel may be renamed, the file broken or deleted. A word is a tunnel, group or pattern of
 * the file, or a tunnel of the file that is up; else a tunnel of any other file that is up, if there is only
 * one of that name and no -f says which file is meant.
 */
#ifndef TUNPLAN_CMD_WANTED_H
#define TUNPLAN_CMD_WANTED_H

#include <jansson.h>

#include "cmd/loaded.h"

struct wanted {
	struct loaded loaded; /* zeroed if the file could not be loaded */
	int status;           /* of loading it; EXIT_DONE where that was not needed */
	struct cli_held why;  /* and what is to be said of that, where it matters */
	char *file;     /* its real path, also if it could not be loaded; NULL: there is none */
	const char *me; /* the host that the user says this machine is, or NULL */
	/* In the order of the words, as the supervisor lists them; those that are not up have state "down". */
	json_t *tunnels;
};

/* Begins: loads the file, if it is needed. wanted_finish(ret_wanted) in any case. */
void wanted_load(const struct cli *cli, bool needed, struct wanted *ret_wanted);

/*
 * Finds the tunnels that words mean, among those that the supervisor (supervise_list()) or the past listed and those of
 * the file; without words, all that are up: of the file, or of all files. Returns EXIT_DONE; or prints what
 * is wrong (unknown, ambiguous, no topology) and returns the exit status. command is for what the user is
 * advised to type.
 */
int wanted_find(const struct cli *cli, const char *command, const json_t *listed, bool all_files,
		char **words, size_t word_count, struct wanted *wanted);

void wanted_finish(struct wanted *wanted);

/* Returns the ids of all of them, in their order; free() it. Some may not be up: so the supervisor says. */
const char **wanted_ids(const struct wanted *wanted, size_t *ret_count);

#endif
