/* lab: finds the subcommand of `tunplan lab`, which builds the topology on this machine. */
#include <string.h>

#include "cmd/cli.h"

#ifdef __linux__

#include "cmd/lab_commands.h"
#include "cmd/options.h"

/* The words of the line behind a subcommand are a command of its own. */
#define WORDS_RAW (-1)

static const struct {
	const char *name;
	int (*run)(struct cli *cli, int argc, char **argv);
	int words;
	int misused; /* the exit status for that */
} subcommands[] = {
	{"up", lab_up, 0, EXIT_USAGE},
	{"down", lab_down, 0, EXIT_USAGE},
	{"exec", lab_exec, WORDS_RAW, EXIT_OURS},
	{"shell", lab_shell, 1, EXIT_OURS},
	{"status", lab_status, 0, EXIT_USAGE},
	{"list", lab_list, 0, EXIT_USAGE},
	{"check", lab_check, 0, EXIT_USAGE},
};

static int run(struct cli *cli, int argc, char **argv)
{
	if (argc < 2)
		return cli_usage("lab", "say what to do with the lab");
	argc--;
	argv++;
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(subcommands[0]); i++) {
		const struct command takes = {"lab", NULL, subcommands[i].words, NULL};

		if (strcmp(subcommands[i].name, argv[0]) != 0)
			continue;
		if (takes.words != WORDS_RAW &&
		    options_take(&takes, NULL, &argc, argv) != EXIT_DONE)
			return subcommands[i].misused;
		return subcommands[i].run(cli, argc, argv);
	}
	return cli_usage("lab", "there is no `lab %s`", argv[0]);
}

#else

static int run(struct cli *cli, int argc, char **argv)
{
	(void)cli;
	(void)argc;
	(void)argv;
	cli_error("the lab is made of Linux's network namespaces, so it needs Linux");
	return EXIT_FAILED;
}

#endif

const struct command command_lab = {"lab", run, WORDS_ANY, NULL};
