/*
 * help: what the manual says, in short of all commands, in full of one.
 */
#include <stdio.h>

#include "cmd/cli.h"
#include "cmd/manual.h"
#include "cmd/options.h"

static void print_rows(const struct manual_row *rows, int width)
{
	for (const struct manual_row *row = rows; row->name; row++)
		printf("  %-*s %s\n", width, row->name, row->summary);
}

static void print_overview(void)
{
	printf("tunplan plans and builds chains of ssh tunnels through a network that one file "
	       "describes.\n\n"
	       "usage: tunplan [OPTION…] COMMAND [ARGUMENT…]\n\n");
	print_rows(manual_commands, 8);
	printf("\n");
	print_rows(manual_options, 17);
	printf("\nA TUNNEL is the name of a tunnel or a group, or a pattern such as \"*web*\".\n"
	       "`tunplan help COMMAND` says more, and so does tunplan(1).\n");
}

static int print_command(const char *name)
{
	const struct manual_row *row = manual_find(name);
	const char *near = manual_suggest(name);

	if (!row && near)
		return cli_usage("help", "unknown command '%s'; did you mean '%s'?", name, near);
	if (!row)
		return cli_usage("help", "unknown command '%s'", name);
	printf("usage: tunplan %s%s%s\n\n%s\n", row->name, *row->arguments ? " " : "",
	       row->arguments, row->text);
	return EXIT_DONE;
}

static int run(struct cli *cli, int argc, char **argv)
{
	int status = options_take(&command_help, NULL, &argc, argv);

	(void)cli;
	if (status != EXIT_DONE)
		return status;
	if (argc == 2)
		return print_command(argv[1]);
	print_overview();
	return EXIT_DONE;
}

const struct command command_help = {"help", run, 1, NULL};
