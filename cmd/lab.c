/* lab: finds the subcommand of `tunplan lab`, which builds the topology on this machine. */
#include <string.h>

#include "cmd/cli.h"

#ifdef __linux__

#include "cmd/lab_commands.h"

static const struct {
	const char *name;
	int (*run)(struct cli *cli, int argc, char **argv);
} subcommands[] = {
	{"up", lab_up},         {"down", lab_down}, {"exec", lab_exec},   {"shell", lab_shell},
	{"status", lab_status}, {"list", lab_list}, {"check", lab_check},
};

int cmd_lab(struct cli *cli, int argc, char **argv)
{
	if (argc < 2)
		return cli_usage("lab", "say what to do with the lab");
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++)
		if (strcmp(subcommands[i].name, argv[1]) == 0)
			return subcommands[i].run(cli, argc - 1, argv + 1);
	return cli_usage("lab", "there is no `lab %s`", argv[1]);
}

#else

int cmd_lab(struct cli *cli, int argc, char **argv)
{
	(void)cli;
	(void)argc;
	(void)argv;
	cli_error("the lab is made of Linux's network namespaces, so it needs Linux");
	return EXIT_FAILED;
}

#endif
