#include <stdio.h>

#include "cmd/cli.h"
#include "cmd/result.h"

static int run(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (cli->json)
		result_print_json(json_pack("{ss}", "version", TUNPLAN_VERSION));
	else
		printf("tunplan %s\n", TUNPLAN_VERSION);
	return EXIT_DONE;
}

const struct command command_version = {"version", run, WORDS_ANY, NULL};
