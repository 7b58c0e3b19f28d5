/*
 * Options: the options of a command, as rows, and the one reader of command lines.
 *
 * An option is a row with its name and the place where its value goes. A new option is a row in its command's
 * file, and its place in the paragraph of the command in tunplan(1). Names are exact: an abbreviation of today
 * would name another option tomorrow. "--name VALUE" and "--name=VALUE" are the same, and so are "-f FILE" and
 * "-fFILE"; `--` ends the options, and "-" is a word.
 */
#ifndef TUNPLAN_CMD_OPTIONS_H
#define TUNPLAN_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/cli.h"

/* What the value of an option is, and the type of the field where it goes. */
enum option_kind {
	OPTION_FLAG,    /* none: bool */
	OPTION_TEXT,    /* const char *, not empty */
	OPTION_LIST,    /* struct option_list; the option may be given several times */
	OPTION_NUMBER,  /* size_t, at most max: digits alone */
	OPTION_SECONDS, /* int, milliseconds: from 0.001 to max seconds, digits and a fraction */
	OPTION_COLOR,   /* enum cli_color */
	OPTION_LATER,   /* an option of a later version, for which people may look */
};

struct option {
	const char *name; /* "--file"; NULL after the last row */
	enum option_kind kind;
	unsigned max;      /* of a number */
	size_t offset;     /* of the field, in the struct that the command passes */
	const char *wants; /* the value in words: "a host"; of a number its range is told as well */
	const char *short_name; /* "-f", or NULL */
};

/* The options that every command has, as they are given. */
struct options {
	struct cli cli;
	bool help;    /* --help, -h: the help of the command, or of the program */
	bool version; /* --version */
};

/*
 * Takes the common options out of argv (argv[0] is the program), wherever they stand before a `--`, and
 * shortens it to *argc arguments and NULL. Returns EXIT_DONE, or prints what is wrong and returns
 * EXIT_USAGE; then of ret_options only cli.json is set. The texts belong to argv.
 */
int options_take_common(int *argc, char **argv, struct options *ret_options);

/*
 * The same for what a command takes (argv[0] is its name): its options go to the fields of ret_options,
 * which holds what is so without them, and argv[1], argv[2] ... become its words.
 */
int options_take(const struct command *command, void *ret_options, int *argc, char **argv);

#endif
