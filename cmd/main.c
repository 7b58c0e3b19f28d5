/*
 * tunplan: reads a description of a network, plans chains of ssh hops, and brings them up.
 *
 * topology/ -> planner/ -> exec/ -> cmd/. This file is the top: it runs a role if the program
 * started itself, else parses the common options and calls the command's row.
 */
#include <fcntl.h>

#include "cmd/cli.h"
#include "cmd/commands.h"
#include "cmd/manual.h"
#include "cmd/options.h"
#include "cmd/result.h"
#include "exec/system/library_memory.h"

/* Without a command: the names, for a glance at what there is, and how to go on. */
static int list_and_hint(struct cli *cli)
{
	char name[] = "list";
	char *argv[] = {name, NULL};
	int status = command_list.run(cli, 1, argv);

	if (status != EXIT_DONE)
		return status;
	cli_error("say what to do, such as: tunplan up TUNNEL (`tunplan help` lists the commands)");
	return EXIT_USAGE;
}

static int unknown_command(const char *name)
{
	const char *near = manual_suggest(name);

	if (commands_is_planned(name))
		cli_error("the command '%s' is not in this version (%s)", name, TUNPLAN_VERSION);
	else if (near)
		cli_error("unknown command '%s'; did you mean '%s'?", name, near);
	else
		cli_error("unknown command '%s'; `tunplan help` lists them", name);
	return EXIT_USAGE;
}

static int run_command(struct options *options, int argc, char **argv)
{
	const struct command *command;

	if (options->version)
		return command_version.run(&options->cli, argc, argv);
	if (options->help)
		return command_help.run(&options->cli, argc ? 2 : 1, argv - 1);
	if (argc == 0)
		return list_and_hint(&options->cli);
	command = commands_find(argv[0]);
	return command ? command->run(&options->cli, argc, argv) : unknown_command(argv[0]);
}

/*
 * A standard stream that is closed would become the next file or socket that is opened, and what
 * is printed would go there. In its place comes one that fails in the same way.
 */
static void fill_standard(void)
{
	static const int useless[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", useless[fd]);
	}
}

/* With --json a command that fails prints one object, whatever it failed of: its result, or why. */
static void print_why(int status)
{
	json_t *why = result_is_empty() ? cli_why(status) : NULL;

	if (why)
		result_print_json(json_pack("{s:o}", "error", why));
}

int main(int argc, char **argv)
{
	const struct role *role = argc > 1 ? roles_find(argv[1]) : NULL;
	struct options options;
	int status;

	library_memory_init();
	if (role)
		return role->run(argc - 1, argv + 1);
	if (argc == 0)
		return EXIT_USAGE;
	fill_standard();
	status = options_take_common(&argc, argv, &options);
	if (status == EXIT_DONE)
		status = run_command(&options, argc - 1, argv + 1);
	if (!result_arrived())
		status = EXIT_FAILED;
	if (options.cli.json)
		print_why(status);
	return status;
}
