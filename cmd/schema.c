/* schema: prints the JSON Schema of the topology, for editors. */
#include "topology/language/schema.h"

#include <stdlib.h>

#include "cmd/cli.h"
#include "cmd/options.h"
#include "cmd/result.h"

static int run(struct cli *cli, int argc, char **argv)
{
	struct strbuf text = {0};
	int status = options_take(&command_schema, NULL, &argc, argv);
	json_t *schema;
	char *dump;

	(void)cli;
	if (status != EXIT_DONE)
		return status;
	schema = schema_json();
	dump = json_dumps(schema, JSON_INDENT(2));
	strbuf_printf(&text, "%s\n", dump);
	result_print(&text);
	free(dump);
	json_decref(schema);
	return EXIT_DONE;
}

const struct command command_schema = {"schema", run, 0, NULL};
