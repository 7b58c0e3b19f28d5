/*
 * Options: the options that every command has. They are removed from the command line wherever they
 * stand before a `--`; the rest is for the command.
 */
#ifndef TUNPLAN_CMD_OPTIONS_H
#define TUNPLAN_CMD_OPTIONS_H

#include <stdbool.h>

#include "cmd/cli.h"

struct options {
	struct cli cli;
	bool help;    /* --help, -h: the help of the command, or of the program */
	bool version; /* --version */
};

/* Returns the lines of the help that describe these options. */
const char *options_help(void);

/*
 * Takes the common options out of argv (argv[0] is the program), which it shortens to *argc
 * arguments and NULL. Returns EXIT_DONE, or prints what is wrong and returns EXIT_USAGE. The texts
 * belong to argv.
 */
int options_take(int *argc, char **argv, struct options *ret_options);

#endif
