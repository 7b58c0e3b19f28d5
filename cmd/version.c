#include <stdio.h>

#include "cmd/cli.h"

int cmd_version(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (cli->json)
		cli_print_json(json_pack("{ss}", "version", TUNPLAN_VERSION));
	else
		printf("tunplan %s\n", TUNPLAN_VERSION);
	return EXIT_DONE;
}
