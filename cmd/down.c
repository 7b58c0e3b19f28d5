/* down: asks the supervisor to take tunnels down, and reports whatever could not be removed. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cmd/loaded.h"
#include "cmd/options.h"
#include "cmd/result.h"
#include "cmd/supervise.h"

struct down_options {
	bool all;       /* every tunnel of this file */
	bool all_files; /* and of every other one */
};

/* Prints how it ended for one tunnel, and returns its exit status. */
static int print_result(const struct cli *cli, const json_t *event, json_t *results)
{
	const json_t *left = json_object_get(event, "left");
	const char *tunnel = supervise_text(event, "tunnel");

	json_array_append_new(results, json_pack("{s:s, s:s, s:O}", "name", tunnel, "state",
						 supervise_text(event, "state"), "left", left));
	if (!cli->json) {
		fprintf(stderr, "%s: down\n", tunnel);
		for (size_t i = 0; i < json_array_size(left); i++)
			cli_error("%s: left behind: %s", tunnel,
				  json_string_value(json_array_get(left, i)));
	}
	return json_array_size(left) ? EXIT_FAILED : EXIT_DONE;
}

static bool has_result(const json_t *results, const char *name)
{
	for (size_t i = 0; i < json_array_size(results); i++)
		if (strcmp(supervise_text(json_array_get(results, i), "name"), name) == 0)
			return true;
	return false;
}

/* Those that were asked for and were not up: that is fine, and said. */
static void print_absent(const struct cli *cli, const struct request *request, json_t *results)
{
	for (size_t i = 0; request->tunnels && i < request->tunnel_count; i++) {
		if (has_result(results, request->tunnels[i]))
			continue;
		if (!cli->json)
			fprintf(stderr, "%s: was not up\n", request->tunnels[i]);
		json_array_append_new(results,
				      json_pack("{s:s, s:s, s:[]}", "name", request->tunnels[i],
						"state", "down", "left"));
	}
	if (!request->tunnels && !json_array_size(results) && !cli->json)
		fputs("nothing was up\n", stderr);
}

static int take_down(struct connection *connection, const struct cli *cli,
		     const struct request *request, json_t *results)
{
	int status = supervise_send(connection, request);
	bool done = status != EXIT_DONE;

	while (!done) {
		json_t *event = NULL;
		int error;
		const char *name = supervise_next(connection, -1, NULL, &event, &error);

		if (!name)
			return EXIT_FAILED;
		done = strcmp(name, "done") == 0;
		if (strcmp(name, "result") == 0)
			status = supervise_worse(status, print_result(cli, event, results));
		json_decref(event);
	}
	return status;
}

static int ask(const struct cli *cli, const struct request *request)
{
	struct connection connection;
	json_t *results = json_array();
	size_t leftovers;
	/* What a killed supervisor left is cleared away by the next one when it starts. */
	bool start = connection_was_killed(&leftovers);
	int status = supervise_open(start, &connection);

	if (status == EXIT_DONE && leftovers)
		fprintf(stderr, "ended %zu ssh processes that a killed supervisor left\n",
			leftovers);
	if (status == EXIT_DONE && connection.fd >= 0)
		status = take_down(&connection, cli, request, results);
	if (status == EXIT_DONE || json_array_size(results))
		print_absent(cli, request, results);
	if (cli->json)
		result_print_json(
			json_pack("{s:O, s:o*}", "tunnels", results, "error", cli_why(status)));
	connection_close(&connection);
	json_decref(results);
	return status;
}

static int ask_in_file(const struct cli *cli, char **names, size_t name_count)
{
	struct request request = {.op = OP_DOWN};
	struct loaded loaded = {0};
	int status = supervise_in_file(cli, names, name_count, &loaded, &request);

	if (status == EXIT_DONE)
		status = ask(cli, &request);
	loaded_finish(&loaded);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct request all_files = {.op = OP_DOWN};
	struct down_options given = {0};
	int status = options_take(&command_down, &given, &argc, argv);

	if (status != EXIT_DONE)
		return status;
	if (argc == 1 && !given.all && !given.all_files)
		return cli_usage("down", "which tunnel? or --all, or --all-files");
	if (argc > 1 && (given.all || given.all_files))
		return cli_usage("down", "either names, or --all, or --all-files");
	return given.all_files ? ask(cli, &all_files)
			       : ask_in_file(cli, argv + 1, (size_t)argc - 1);
}

static const struct option options[] = {
	{"--all", .offset = offsetof(struct down_options, all)},
	{"--all-files", .offset = offsetof(struct down_options, all_files)},
	{0},
};

const struct command command_down = {"down", run, WORDS_ANY, options};
