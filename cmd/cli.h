/*
 * The command line: options that every command has, the table of commands, exit statuses.
 *
 * main.c parses the common options, finds the row of the command (commands.c) and calls it. One
 * file per subcommand; a new command is a file and a row. Only cmd/ prints: results on stdout,
 * everything else on stderr.
 */
#ifndef TUNPLAN_CMD_CLI_H
#define TUNPLAN_CMD_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "topology/load.h"
#include "topology/model/places.h"

#define TUNPLAN_VERSION "0.1.0"

/* Exit statuses; they are part of the interface (tunplan(1)). */
enum cli_exit {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,   /* a tunnel or hop failed; no memory (memory.h), or the result is lost */
	EXIT_USAGE = 2,    /* usage, unknown tunnel */
	EXIT_TOPOLOGY = 3, /* the topology is missing, refused or invalid */
	EXIT_NO_PATH = 4,
	EXIT_SILENT = 5, /* up, but the egress is silent */
	EXIT_OURS = 255, /* lab exec and friends: our own failure, not the command's */
	EXIT_INTERRUPTED = 130,
};

enum cli_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Most --place options of one command line. */
#define CLI_PLACES_MAX 16

/* The options that every command has; they may stand before or after it (options.h). */
struct cli {
	const char *file;                   /* -f, or NULL: look for it */
	const char *me;                     /* --me, or NULL */
	const char *places[CLI_PLACES_MAX]; /* --place, each as it is written */
	size_t place_count;
	bool json;       /* --json; accepted before and after the command */
	bool trust_file; /* --trust-file: also a topology that another user could write (trust.h) */
	enum cli_color color;
};

/* A row of the table of commands. */
struct command {
	const char *name;
	const char *arguments; /* for usage: "TUNNEL…" */
	const char *summary;   /* one line for `tunplan help` */
	/* argv[0] is the command's name. Returns the exit status. */
	int (*run)(struct cli *cli, int argc, char **argv);
	const char *help; /* the options and notes of `tunplan help COMMAND`, or NULL */
};

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
};

/*
 * Finds (-f, $TUNPLAN_FILE, tunplan.yaml here or in a parent, $XDG_CONFIG_HOME/tunplan/), reads and
 * validates the topology. On failure prints why (all diagnostics) and returns EXIT_TOPOLOGY (or
 * EXIT_USAGE for an unknown --me or --place); on success returns EXIT_DONE and fills *ret_loaded, which
 * cli_unload() frees.
 */
int cli_load(const struct cli *cli, struct loaded *ret_loaded);

/*
 * Appends the path of the topology (find_file.h). Without one, prints so with a starter to copy,
 * and returns false.
 */
bool cli_find(const struct cli *cli, struct strbuf *ret_path);

/*
 * Reads and validates one file, by its path or "-" for standard input, and prints nothing: every
 * diagnostic goes to ret_diags (in the arena of ret_loaded). Returns EXIT_DONE with
 * ret_loaded->topology set, else EXIT_TOPOLOGY, with *ret_reason set (one line) if the file could
 * not even be read, or not be trusted (read_file.h, cli->trust_file). cli_unload() it in every case.
 * Leaves ret_loaded->me alone.
 */
int cli_load_file(const struct cli *cli, const char *path, struct loaded *ret_loaded,
		  struct diag_list *ret_diags, const char **ret_reason);

/* Prints the diagnostics of a file that was loaded, with their lines and carets, on stderr. */
void cli_print_diags(const struct cli *cli, const struct loaded *loaded,
		     const struct diag_list *diags);

/*
 * Returns the topology in its canonical form (print.h), in its arena: what it says, in one text,
 * whatever files it comes from.
 */
const char *cli_text(struct loaded *loaded);

/* Frees what cli_load() filled. Accepts a zeroed struct. */
void cli_unload(struct loaded *loaded);

/*
 * Resolves names, groups and globs of the command line to tunnel indexes, each once, in the order
 * given.
 * Prints what is unknown with a suggestion and returns EXIT_USAGE, else EXIT_DONE. The array is in
 * loaded->arena.
 */
int cli_tunnels(struct loaded *loaded, char **names, size_t name_count, size_t **ret_tunnels,
		size_t *ret_count);

/* Returns loaded->me, or prints how to say which host this machine is and returns TOPOLOGY_NONE. */
size_t cli_require_me(const struct loaded *loaded);

/* Prints "tunplan: …" and a line break on stderr. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints a usage error and the usage line of the command of that name (NULL: of the program) on
 * stderr, and returns EXIT_USAGE.
 */
int cli_usage(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether to colour what goes to a stream, by --color, NO_COLOR and isatty. */
bool cli_color(const struct cli *cli, int fd);

/* The commands, one file each. */
int cmd_check(struct cli *cli, int argc, char **argv);
int cmd_config(struct cli *cli, int argc, char **argv);
int cmd_list(struct cli *cli, int argc, char **argv);
int cmd_plan(struct cli *cli, int argc, char **argv);
int cmd_export(struct cli *cli, int argc, char **argv);
int cmd_up(struct cli *cli, int argc, char **argv);
int cmd_down(struct cli *cli, int argc, char **argv);
int cmd_status(struct cli *cli, int argc, char **argv);
int cmd_lab(struct cli *cli, int argc, char **argv);
int cmd_schema(struct cli *cli, int argc, char **argv);
int cmd_help(struct cli *cli, int argc, char **argv);
int cmd_version(struct cli *cli, int argc, char **argv);

/*
 * Roles: what this program is when it is started by itself and not by a person, by argv[1]:
 * "--supervisor" (exec/supervisor/supervisor.h), "--holder" (exec/ssh/holder.h), "--lab-…" (exec/lab/). They are
 * rows of a second table in commands.c and do not show in the help.
 */
struct role {
	const char *flag;
	int (*run)(int argc, char **argv); /* argv[0] is the flag */
};

#endif
