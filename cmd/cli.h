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
	/* argv[0] is the command's name. Returns the exit status. */
	int (*run)(struct cli *cli, int argc, char **argv);
};

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
