/* schema: prints the JSON Schema of the topology, for editors. */
#include "topology/language/schema.h"
#include "cmd/cli.h"
#include "cmd/result.h"

int cmd_schema(struct cli *cli, int argc, char **argv)
{
	struct strbuf text = {0};

	(void)cli;
	if (argc > 1)
		return cli_usage("schema", "unknown argument '%s'", argv[1]);
	schema_text(&text);
	result_print(&text);
	return EXIT_DONE;
}
