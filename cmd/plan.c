/* plan: shows how tunnels would be built, and starts nothing. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/loaded.h"
#include "cmd/locate.h"
#include "cmd/no_path.h"
#include "cmd/options.h"
#include "cmd/plan_asked.h"
#include "cmd/result.h"
#include "cmd/targets.h"
#include "planner/views/plan_view.h"
#include "planner/whatif.h"

struct plan_options {
	size_t alternatives;
	struct option_list without;
	bool spof; /* say which hosts a tunnel cannot lose, and nothing else */
};

/* One run of the command. */
struct planning {
	struct cli *cli;
	struct plan_options options;
	char **words;
	size_t word_count;
	struct loaded loaded;
	struct network_index network_index;
	struct targets targets;
	size_t *without;          /* hosts */
	struct ssh_config config; /* the user's */
	struct strbuf result;
	int status;
};

static void add_plan(struct planning *planning, const struct plan *plan)
{
	if (planning->cli->json) {
		result_add_json(plan_json(plan), &planning->result);
		return;
	}
	if (planning->result.length)
		strbuf_puts(&planning->result, "\n");
	plan_text(plan, &planning->result);
}

static json_t *names_json(const struct plan *plan, const size_t *hosts, size_t count)
{
	json_t *names = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(names, json_string(plan->topology->hosts[hosts[i]].name));
	return names;
}

static void add_names(const struct plan *plan, const size_t *hosts, size_t count,
		      struct strbuf *text)
{
	for (size_t i = 0; i < count; i++)
		strbuf_printf(text, "%s%s", i ? ", " : "", plan->topology->hosts[hosts[i]].name);
}

/* "git-via-test-server: bastion-host, test-server", or that each hop can be done without. */
static void add_spof(struct planning *planning, const struct plan_request *request,
		     const struct plan *plan)
{
	const struct whatif_points points = whatif_spof(request, plan, &planning->loaded.arena);
	struct strbuf *text = &planning->result;

	if (planning->cli->json) {
		result_add_json(json_pack("{ss so so}", "tunnel", plan->name, "spof",
					  names_json(plan, points.hosts, points.count), "assumed",
					  names_json(plan, points.assumed, points.assumed_count)),
				text);
		return;
	}
	strbuf_printf(text, "%s: %s", plan->name,
		      points.count ? "" : "no single host, but its ends");
	add_names(plan, points.hosts, points.count, text);
	if (points.assumed_count) {
		strbuf_puts(text, "; without ");
		add_names(plan, points.assumed, points.assumed_count, text);
		strbuf_puts(text, " by a login alone that the file does not state (`ssh`)");
	}
	strbuf_puts(text, "\n");
}

/* Who asks for single points of failure sees no hop. */
static bool make_plan(struct planning *planning, struct plan_request *request,
		      const struct plan **ret_plan, struct plan_failure *ret_failure)
{
	struct arena *arena = &planning->loaded.arena;

	if (planning->options.spof)
		return planner_plan(request, arena, ret_plan, ret_failure);
	request->alternatives = planning->options.alternatives;
	return plan_asked(&planning->config, request, arena, ret_plan, ret_failure);
}

static void plan_one(struct planning *planning, const struct tunnel *tunnel)
{
	struct plan_request request = {
		.network_index = &planning->network_index,
		.tunnel = tunnel,
		.me = planning->loaded.me,
		.where = planning->loaded.where,
		.without = planning->without,
		.without_count = planning->options.without.count,
	};
	struct plan_failure failure;
	const struct plan *plan;

	if (!make_plan(planning, &request, &plan, &failure)) {
		no_path_places(&planning->loaded, &request, &failure);
		no_path_say(planning->cli, &planning->loaded, &failure, &planning->result);
		planning->status = EXIT_NO_PATH;
	} else if (planning->options.spof) {
		add_spof(planning, &request, plan);
	} else {
		add_plan(planning, plan);
	}
}

/* All are tried. */
static void plan_all(struct planning *planning)
{
	struct loaded *loaded = &planning->loaded;
	const bool all = planning->word_count == 0;

	locate_me(loaded);
	network_index_init(&planning->network_index, loaded->here, &loaded->arena);
	for (size_t i = 0; all && i < loaded->here->tunnel_count; i++)
		plan_one(planning, &loaded->here->tunnels[i]);
	for (size_t i = 0; i < planning->targets.count; i++)
		plan_one(planning, planning->targets.tunnels[i]);
	result_print(&planning->result);
}

/* Finds out what the words mean. */
static int resolve(struct planning *planning)
{
	const struct option_list *without = &planning->options.without;
	struct loaded *loaded = &planning->loaded;
	int status = targets_find(planning->cli, loaded, planning->words, planning->word_count,
				  true, &planning->targets);

	if (planning->targets.incomplete)
		planning->status = EXIT_TOPOLOGY;
	if (status == EXIT_DONE)
		status = targets_hosts(loaded, without->items, without->count, &planning->without);
	if (status == EXIT_DONE && loaded_require_me(loaded) == TOPOLOGY_NONE)
		status = EXIT_USAGE;
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct planning planning = {.cli = cli, .words = argv + 1, .status = EXIT_DONE};
	int status = options_take(&command_plan, &planning.options, &argc, argv);

	planning.word_count = (size_t)argc - 1;
	if (status == EXIT_DONE && !planning.word_count && !planning.options.spof)
		status = cli_usage("plan", "which tunnel? `tunplan list` names them");
	if (status == EXIT_DONE)
		status = loaded_read(cli, &planning.loaded);
	if (status != EXIT_DONE)
		return status;
	status = resolve(&planning);
	if (status == EXIT_DONE) {
		plan_all(&planning);
		status = planning.status;
	}
	ssh_config_finish(&planning.config);
	loaded_finish(&planning.loaded);
	return status;
}

static const struct option options[] = {
	{"--alternatives", .kind = OPTION_NUMBER,
	 .offset = offsetof(struct plan_options, alternatives), .wants = "a number", .max = 100},
	{"--without", .kind = OPTION_LIST, .offset = offsetof(struct plan_options, without),
	 .wants = "a host"},
	{"--spof", .offset = offsetof(struct plan_options, spof)},
	{0},
};

const struct command command_plan = {"plan", run, WORDS_ANY, options};
