/*
 * Loaded: the topology that a command works on, with the files that it comes from and which host and
 * places of it this machine is.
 */
#ifndef TUNPLAN_CMD_LOADED_H
#define TUNPLAN_CMD_LOADED_H

#include "cmd/cli.h"
#include "topology/load.h"
#include "topology/model/places.h"

/* The loaded file and everything that lives as long as it. */
struct loaded {
	struct arena arena;
	char *path;              /* real path of the file: part of a tunnel's identity */
	const char *name;        /* the path as messages show it */
	struct sources *sources; /* its text, and those of what it includes; in arena */
	const struct topology *topology;
	size_t me; /* which host this machine is, or TOPOLOGY_NONE if nothing says so */
	struct whereabouts where; /* its places: what is said, and all after locate.h has looked */
	const struct topology *here; /* the topology from there; until then, the topology */
	struct diag_list spoiling;   /* the errors within its tunnels, which are left out */
};

/*
 * Finds (-f, $TUNPLAN_FILE, tunplan.yaml here or in a parent, $XDG_CONFIG_HOME/tunplan/), reads and
 * validates the topology. On failure prints why (all diagnostics) and returns EXIT_TOPOLOGY (or
 * EXIT_USAGE for an unknown --me or --place); on success returns EXIT_DONE and fills *ret_loaded, which
 * loaded_finish() frees. Names the tunnels that are left out because an error lies within them.
 */
int loaded_read(const struct cli *cli, struct loaded *ret_loaded);

/*
 * Appends the path of the topology (find_file.h). Without one, prints so with a starter to copy,
 * and returns false.
 */
bool loaded_find_file(const struct cli *cli, struct strbuf *ret_path);

/*
 * Reads and validates one file, by its path or "-" for standard input, and prints nothing: every
 * diagnostic goes to ret_diags (in the arena of ret_loaded). Returns EXIT_DONE with
 * ret_loaded->topology set, even if errors lie within tunnels, else EXIT_TOPOLOGY, with *ret_reason set (one line) if the file could
 * not even be read, or not be trusted (read_file.h, cli->trust_file). loaded_finish() it in every case.
 * Leaves ret_loaded->me alone.
 */
int loaded_read_file(const struct cli *cli, const char *path, struct loaded *ret_loaded,
		     struct diag_list *ret_diags, const char **ret_reason);

/* Prints the errors within a tunnel that is left out, and returns EXIT_TOPOLOGY. */
int loaded_refuse_spoiled(const struct cli *cli, struct loaded *loaded, const char *tunnel);

/* Prints the diagnostics of a file that was loaded, with their lines and carets, on stderr. */
void loaded_print_diags(const struct cli *cli, const struct loaded *loaded,
			const struct diag_list *diags);

/*
 * Returns the topology in its canonical form (print.h), in its arena: what it says, in one text,
 * whatever files it comes from.
 */
const char *loaded_text(struct loaded *loaded);

/* Frees what loaded_read() filled. Accepts a zeroed struct. */
void loaded_finish(struct loaded *loaded);

/* Returns loaded->me, or prints how to say which host this machine is and returns TOPOLOGY_NONE. */
size_t loaded_require_me(const struct loaded *loaded);

#endif
