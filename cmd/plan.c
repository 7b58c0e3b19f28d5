/* plan: shows how tunnels would be built, and starts nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cli.h"
#include "cmd/locate.h"
#include "cmd/other_place.h"
#include "cmd/result.h"
#include "cmd/targets.h"
#include "exec/ssh/ssh_config.h"
#include "planner/views/plan_view.h"
#include "planner/whatif.h"

/* Most --without, and most alternatives that anyone reads. */
#define WITHOUT_MAX      64
#define ALTERNATIVES_MAX 100

struct plan_options {
	size_t alternatives;
	const char *without[WITHOUT_MAX];
	size_t without_count;
	bool spof; /* say which hosts a tunnel cannot lose, and nothing else */
	char **words;
	size_t word_count;
};

/* One run of the command. */
struct planning {
	struct cli *cli;
	struct plan_options options;
	struct loaded loaded;
	struct network_index network_index;
	const struct tunnel **tunnels;
	size_t count;
	size_t *without; /* hosts */
	struct strbuf result;
	int status;
};

/* --- the command line */

static int set_alternatives(const char *text, struct plan_options *options)
{
	char *end = NULL;
	const unsigned long number = text ? strtoul(text, &end, 10) : 0;

	if (!text || !*text || *end || number > ALTERNATIVES_MAX || strchr(text, '-'))
		return cli_usage("plan", "--alternatives wants a number, at most %d",
				 ALTERNATIVES_MAX);
	options->alternatives = number;
	return EXIT_DONE;
}

static int add_without(const char *host, struct plan_options *options)
{
	if (!host)
		return cli_usage("plan", "--without wants a host");
	if (options->without_count == WITHOUT_MAX)
		return cli_usage("plan", "--without can be given %d times", WITHOUT_MAX);
	options->without[options->without_count++] = host;
	return EXIT_DONE;
}

/* The options with a value, which may be glued to them by '='. */
static const struct {
	const char *name;
	int (*take)(const char *value, struct plan_options *options);
} valued[] = {{"--alternatives", set_alternatives}, {"--without", add_without}};

/* Takes an option, and with it the argument behind it where that is its value. */
static int take_option(char **argv, int *at, struct plan_options *options)
{
	const char *option = argv[*at];

	if (strcmp(option, "--spof") == 0) {
		options->spof = true;
		return EXIT_DONE;
	}
	for (size_t i = 0; i < sizeof(valued) / sizeof(valued[0]); i++) {
		const size_t length = strlen(valued[i].name);

		if (strncmp(option, valued[i].name, length) != 0)
			continue;
		if (option[length] == '=')
			return valued[i].take(option + length + 1, options);
		if (option[length] == '\0')
			return valued[i].take(argv[++*at], options);
	}
	return cli_usage("plan", "unknown option '%s'", option);
}

static int parse_options(int argc, char **argv, struct plan_options *options)
{
	bool only_words = false;

	options->words = argv + 1;
	for (int i = 1; i < argc; i++) {
		int status = EXIT_DONE;

		if (!only_words && strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (!only_words && argv[i][0] == '-' && argv[i][1])
			status = take_option(argv, &i, options);
		else
			options->words[options->word_count++] = argv[i];
		if (status != EXIT_DONE)
			return status;
	}
	if (options->word_count == 0 && !options->spof)
		return cli_usage("plan", "which tunnel? `tunplan list` names them");
	return EXIT_DONE;
}

/* --- planning */

/* As JSON a failure is a result, too; as text it is printed at once. */
static void add_failure(struct planning *planning, const struct plan_failure *failure)
{
	struct strbuf text = {0};

	planning->status = EXIT_NO_PATH;
	if (planning->cli->json) {
		result_add_json(plan_failure_json(planning->loaded.here, failure),
				&planning->result);
		return;
	}
	plan_failure_text(planning->loaded.here, failure, &text);
	fputs(strbuf_text(&text), stderr);
	strbuf_finish(&text);
}

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

/* "git-via-test-server: bastion-host, test-server", or that each hop can be done without. */
static void add_spof(struct planning *planning, const struct plan_request *request,
		     const struct plan *plan)
{
	const struct host *hosts = plan->topology->hosts;
	json_t *array = json_array();
	size_t count;
	const size_t *points = whatif_spof(request, plan, &planning->loaded.arena, &count);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(hosts[points[i]].name));
	if (planning->cli->json) {
		result_add_json(json_pack("{ss so}", "tunnel", plan->name, "spof", array),
				&planning->result);
		return;
	}
	json_decref(array);
	strbuf_printf(&planning->result, "%s: %s", plan->name,
		      count ? "" : "no single host, but its ends");
	for (size_t i = 0; i < count; i++)
		strbuf_printf(&planning->result, "%s%s", i ? ", " : "", hosts[points[i]].name);
	strbuf_puts(&planning->result, "\n");
}

/* Asks ssh what it makes of each hop that me dials itself. */
static void ask_ssh(struct planning *planning, const struct plan *plan,
		    struct plan_request *request)
{
	struct arena *arena = &planning->loaded.arena;
	struct plan_fact *facts = arena_array(arena, plan->hop_count, sizeof(*facts));

	request->facts = facts;
	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];
		struct plan_fact *fact = &facts[request->fact_count];

		if (hop->through != TOPOLOGY_NONE ||
		    !ssh_config_ask(hop->config ? hop->config : hop->address, arena, fact))
			continue;
		fact->host = hop->host;
		request->fact_count++;
	}
}

/* Twice, because only a plan tells which hosts me dials itself. */
static bool plan_with_facts(struct planning *planning, struct plan_request *request,
			    const struct plan **ret_plan, struct plan_failure *ret_failure)
{
	struct arena *arena = &planning->loaded.arena;

	if (!planner_plan(request, arena, ret_plan, ret_failure))
		return false;
	if (planning->options.spof)
		return true;
	ask_ssh(planning, *ret_plan, request);
	request->alternatives = planning->options.alternatives;
	return planner_plan(request, arena, ret_plan, ret_failure);
}

static void plan_one(struct planning *planning, const struct tunnel *tunnel)
{
	struct plan_request request = {
		.network_index = &planning->network_index,
		.tunnel = tunnel,
		.me = planning->loaded.me,
		.where = planning->loaded.where,
		.without = planning->without,
		.without_count = planning->options.without_count,
	};
	struct plan_failure failure;
	const struct plan *plan;

	if (!plan_with_facts(planning, &request, &plan, &failure)) {
		other_place_help(&planning->loaded, &request, &failure);
		add_failure(planning, &failure);
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
	const bool all = planning->options.word_count == 0;

	locate_me(loaded);
	network_index_init(&planning->network_index, loaded->here, &loaded->arena);
	for (size_t i = 0; all && i < loaded->here->tunnel_count; i++)
		plan_one(planning, &loaded->here->tunnels[i]);
	for (size_t i = 0; i < planning->count; i++)
		plan_one(planning, planning->tunnels[i]);
	result_print(&planning->result);
}

/* Finds out what the words mean. */
static int resolve(struct planning *planning)
{
	const struct plan_options *options = &planning->options;
	struct loaded *loaded = &planning->loaded;
	int status = targets_find(planning->cli, loaded, options->words, options->word_count,
				  &planning->tunnels, &planning->count);

	if (status == EXIT_DONE)
		status = targets_hosts(loaded, options->without, options->without_count,
				       &planning->without);
	if (status == EXIT_DONE && cli_require_me(loaded) == TOPOLOGY_NONE)
		status = EXIT_USAGE;
	return status;
}

int cmd_plan(struct cli *cli, int argc, char **argv)
{
	struct planning planning = {.cli = cli, .status = EXIT_DONE};
	int status = parse_options(argc, argv, &planning.options);

	if (status == EXIT_DONE)
		status = cli_load(cli, &planning.loaded);
	if (status != EXIT_DONE)
		return status;
	status = resolve(&planning);
	if (status == EXIT_DONE) {
		plan_all(&planning);
		status = planning.status;
	}
	cli_unload(&planning.loaded);
	return status;
}
