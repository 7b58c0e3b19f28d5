/* schema: prints the JSON Schema of the topology, for editors. */
#include "topology/language/schema.h"
#include "cmd/cli.h"
#include "cmd/options.h"
#include "cmd/result.h"

static int run(struct cli *cli, int argc, char **argv)
{
	struct strbuf text = {0};
	int status = options_take(&command_schema, NULL, &argc, argv);

	(void)cli;
	if (status != EXIT_DONE)
		return status;
	schema_text(&text);
	result_print(&text);
	return EXIT_DONE;
}

const struct command command_schema = {"schema", run, 0, NULL};
