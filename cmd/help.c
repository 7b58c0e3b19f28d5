#include <stdio.h>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/options.h"

static void print_overview(void)
{
	size_t count;
	const struct command *commands = commands_all(&count);

	printf("tunplan plans and builds chains of ssh tunnels through a network that one file "
	       "describes.\n\n"
	       "usage: tunplan [OPTION…] COMMAND [ARGUMENT…]\n\n");
	for (size_t i = 0; i < count; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
	printf("\n%s\nA TUNNEL is the name of a tunnel or a group, or a pattern such as "
	       "\"*web*\".\n"
	       "`tunplan help COMMAND` says more, and so does tunplan(1).\n",
	       options_help());
}

static int print_command(const char *name)
{
	const struct command *command = commands_find(name);
	const char *near = commands_suggest(name);

	if (!command && near)
		return cli_usage("help", "unknown command '%s'; did you mean '%s'?", name, near);
	if (!command)
		return cli_usage("help", "unknown command '%s'", name);
	printf("usage: tunplan %s%s%s\n\n%s.\n", command->name, *command->arguments ? " " : "",
	       command->arguments, command->summary);
	if (command->help)
		printf("\n%s", command->help);
	return EXIT_DONE;
}

int cmd_help(struct cli *cli, int argc, char **argv)
{
	(void)cli;
	if (argc > 2)
		return cli_usage("help", "too many arguments");
	if (argc == 2)
		return print_command(argv[1]);
	print_overview();
	return EXIT_DONE;
}
