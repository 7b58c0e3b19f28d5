/*
 * The command line: options that every command has, the table of commands, exit statuses.
 *
 * main.c takes the common options (options.h), finds the command (commands.c) and calls it. One file per
 * command; a new one is a file and a row. Only cmd/ prints: results on stdout, everything else on stderr.
 */
#ifndef TUNPLAN_CMD_CLI_H
#define TUNPLAN_CMD_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "topology/base/strbuf.h"

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

/* The values of an option that may be given several times, each as it is written. */
#define OPTION_LIST_MAX 64
struct option_list {
	const char *items[OPTION_LIST_MAX];
	size_t count;
};

/* The options that every command has; they may stand before or after it (options.h). */
struct cli {
	const char *file;          /* -f, or NULL: look for it */
	const char *me;            /* --me, or NULL */
	struct option_list places; /* --place */
	bool json;                 /* --json; accepted before and after the command */
	bool trust_file; /* --trust-file: also a topology that another user could write (trust.h) */
	enum cli_color color;
};

/* Of command.words: any number of them. */
#define WORDS_ANY 0xffff

/* A command. Each has one in its file, and main calls it by the table of commands.c. */
struct command {
	const char *name;
	/* Reads its part of the line (options.h); argv[0] is the command's name. Returns the exit status. */
	int (*run)(struct cli *cli, int argc, char **argv);
	int words;                    /* the most that it takes besides options */
	const struct option *options; /* up to a row without a name; NULL: it has none */
};

/* Prints "tunplan: …" and a line break on stderr, and keeps the sentence for cli_why(). */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the same, of what does not make a command fail. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says so of a wait that takes long: the `tell` of a struct patience. */
void cli_note_wait(const char *what, void *data);

/* Keeps a sentence for cli_why() that is printed in another form; the first advice counts (or NULL). */
void cli_keep(const char *sentence, const char *advice);

/* What would be said, and kept for cli_why(), if it mattered. */
struct cli_held {
	struct strbuf said;
	struct strbuf kept;
	struct strbuf advice;
};

/*
 * From now on, what is said goes there instead (which is zeroed, and cli_held_finish() frees it); NULL: it is
 * said and kept again.
 */
void cli_hold(struct cli_held *held);

/* Says and keeps what was held. */
void cli_say_held(const struct cli_held *held);

void cli_held_finish(struct cli_held *held);

/* Prints a text on stderr as it is. */
void cli_print(const char *text);

/*
 * Prints a usage error and the usage line of the command of that name (NULL: of the program) on
 * stderr, keeps both, and returns EXIT_USAGE.
 */
int cli_usage(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Returns {"code","text","advice"} for a command that fails with that status: the text is the sentences
 * that were kept, one a line. NULL if there was none, or the status is EXIT_DONE. A new reference.
 */
json_t *cli_why(int status);

/* Whether to colour what goes to a stream, by --color, NO_COLOR and isatty. */
bool cli_color(const struct cli *cli, int fd);

/* The commands, one file each. */
extern const struct command command_check, command_config, command_list, command_plan,
	command_export, command_up, command_down, command_status, command_restart, command_reload,
	command_logs, command_lab, command_schema, command_help, command_version;

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
