/* export: writes a plan in the language of another program; so far as a shell script. */
#include <string.h>

#include "cmd/loaded.h"
#include "cmd/locate.h"
#include "cmd/no_path.h"
#include "cmd/options.h"
#include "cmd/plan_asked.h"
#include "cmd/result.h"
#include "cmd/targets.h"
#include "planner/views/plan_script.h"

/* One tunnel: a script that stands for several would be up when some of them are. */
static int export_script(const struct cli *cli, struct loaded *loaded, const struct tunnel *tunnel)
{
	struct strbuf text = {0};
	struct ssh_config config = {0};
	bool planned;
	const struct plan *plan;
	struct plan_failure failure;
	struct network_index network_index;
	struct plan_request request = {
		.network_index = &network_index, .tunnel = tunnel, .me = loaded->me};

	locate_me(loaded);
	network_index_init(&network_index, loaded->here, &loaded->arena);
	request.where = loaded->where;
	planned = plan_asked(&config, &request, &loaded->arena, &plan, &failure);
	if (planned) {
		plan_script(plan, &text);
	} else {
		no_path_places(loaded, &request, &failure);
		no_path_say(cli, loaded, &failure, &text);
	}
	ssh_config_finish(&config);
	result_print(&text);
	return planned ? EXIT_DONE : EXIT_NO_PATH;
}

static int check_arguments(int argc, char **argv)
{
	if (argc < 2)
		return cli_usage("export", "as what? `script` is a shell script");
	if (strcmp(argv[1], "script") != 0)
		return cli_usage("export", "unknown format '%s'; there is `script`", argv[1]);
	if (argc != 3)
		return cli_usage("export", argc < 3 ? "which tunnel? `tunplan list` names them"
						    : "one tunnel at a time");
	return EXIT_DONE;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct loaded loaded;
	struct targets targets;
	int status = options_take(&command_export, NULL, &argc, argv);

	if (status == EXIT_DONE)
		status = check_arguments(argc, argv);
	if (status == EXIT_DONE)
		status = loaded_read(cli, &loaded);
	if (status != EXIT_DONE)
		return status;
	status = targets_find(cli, &loaded, argv + 2, 1, true, &targets);
	if (status == EXIT_DONE && targets.count != 1)
		status = cli_usage("export", "'%s' names %zu tunnels; one at a time", argv[2],
				   targets.count);
	if (status == EXIT_DONE && loaded_require_me(&loaded) == TOPOLOGY_NONE)
		status = EXIT_USAGE;
	if (status == EXIT_DONE)
		status = export_script(cli, &loaded, targets.tunnels[0]);
	loaded_finish(&loaded);
	return status;
}

const struct command command_export = {"export", run, WORDS_ANY, NULL};
