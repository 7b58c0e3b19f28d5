/*
 * schema: the JSON Schema of the topology, for editors.
 */
#include <stdio.h>

#include "cmd/cli.h"
#include "topology/schema.h"

int cmd_schema(struct cli *cli, int argc, char **argv)
{
	struct strbuf text = {0};

	(void)cli;
	if (argc > 1)
		return cli_usage("schema", "unknown argument '%s'", argv[1]);
	schema_text(&text);
	fputs(strbuf_text(&text), stdout);
	strbuf_finish(&text);
	return EXIT_DONE;
}
