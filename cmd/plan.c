#include <stdio.h>

#include "cmd/cli.h"
#include "cmd/locate.h"
#include "cmd/result.h"
#include "planner/plan_view.h"
#include "planner/planner.h"

/* As JSON it is a result, too; as text it is printed at once. */
static void add_failure(const struct cli *cli, const struct topology *topology,
			const struct plan_failure *failure, struct strbuf *result)
{
	struct strbuf text = {0};

	if (cli->json) {
		result_add_json(plan_failure_json(topology, failure), result);
		return;
	}
	plan_failure_text(topology, failure, &text);
	fputs(strbuf_text(&text), stderr);
	strbuf_finish(&text);
}

/* Plans the chosen tunnels; all are tried, the status is that of the first without a plan. */
static int plan_tunnels(const struct cli *cli, struct loaded *loaded, const size_t *tunnels,
			size_t count)
{
	struct strbuf result = {0};
	int status = EXIT_DONE;
	struct atlas atlas;

	locate_me(loaded);
	atlas_init(&atlas, loaded->here, &loaded->arena);
	for (size_t i = 0; i < count; i++) {
		const struct plan_request request = {
			.atlas = &atlas,
			.tunnel = &loaded->here->tunnels[tunnels[i]],
			.me = loaded->me,
			.where = loaded->where,
		};
		struct plan_failure failure;
		const struct plan *plan;

		if (i && !cli->json)
			strbuf_puts(&result, "\n");
		if (!planner_plan(&request, &loaded->arena, &plan, &failure)) {
			add_failure(cli, loaded->here, &failure, &result);
			status = EXIT_NO_PATH;
		} else if (cli->json) {
			result_add_json(plan_json(plan), &result);
		} else {
			plan_text(plan, &result);
		}
	}
	result_print(&result);
	return status;
}

int cmd_plan(struct cli *cli, int argc, char **argv)
{
	struct loaded loaded;
	size_t *tunnels;
	size_t count;
	int status;

	if (argc < 2)
		return cli_usage("plan", "which tunnel? `tunplan list` names them");
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1])
			return cli_usage("plan", "unknown option '%s'", argv[i]);
	}
	status = cli_load(cli, &loaded);
	if (status != EXIT_DONE)
		return status;
	status = cli_tunnels(&loaded, argv + 1, (size_t)(argc - 1), &tunnels, &count);
	if (status == EXIT_DONE && cli_require_me(&loaded) == TOPOLOGY_NONE)
		status = EXIT_USAGE;
	if (status == EXIT_DONE)
		status = plan_tunnels(cli, &loaded, tunnels, count);
	cli_unload(&loaded);
	return status;
}
