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

/* One run of the command. */
struct taking {
	const struct cli *cli;
	const struct request *request;
	size_t told;    /* of the names in the request */
	json_t *result; /* what was told */
};

/* Tells how it ended for one tunnel, and returns its exit status. */
static int tell(struct taking *taking, const char *name, const char *how, json_t *left)
{
	json_array_append_new(taking->result, json_pack("{s:s, s:s, s:O}", "name", name, "state",
							"down", "left", left));
	if (!taking->cli->json)
		fprintf(stderr, "%s: %s\n", name, how);
	for (size_t i = 0; i < json_array_size(left); i++)
		cli_error("%s: left behind: %s", name, json_string_value(json_array_get(left, i)));
	return json_array_size(left) ? EXIT_FAILED : EXIT_DONE;
}

/* The names up to that one which were not told yet were not up: that is fine, and said. */
static void tell_absent(struct taking *taking, size_t until)
{
	json_t *nothing = json_array();

	for (; taking->told < until; taking->told++)
		tell(taking, taking->request->tunnels[taking->told], "was not up", nothing);
	json_decref(nothing);
}

/* The supervisor answers in the order of the names. */
static int tell_result(struct taking *taking, const json_t *event)
{
	const struct request *request = taking->request;
	const char *name = supervise_text(event, "tunnel");
	size_t i = taking->told;

	while (i < request->tunnel_count && strcmp(request->tunnels[i], name) != 0)
		i++;
	if (i < request->tunnel_count) {
		tell_absent(taking, i);
		taking->told = i + 1;
	}
	return tell(taking, name, "down", json_object_get(event, "left"));
}

static int take_down(struct connection *connection, struct taking *taking)
{
	int status = supervise_send(connection, taking->request);
	bool done = status != EXIT_DONE;

	while (!done) {
		json_t *event = NULL;
		int error;
		const char *name = supervise_next(connection, -1, NULL, &event, &error);

		if (!name)
			return EXIT_FAILED;
		done = strcmp(name, "done") == 0;
		if (strcmp(name, "result") == 0)
			status = supervise_worse(status, tell_result(taking, event));
		json_decref(event);
		if (done)
			tell_absent(taking, taking->request->tunnel_count);
	}
	return status;
}

static int ask(const struct cli *cli, const struct request *request)
{
	struct taking taking = {.cli = cli, .request = request, .result = json_array()};
	struct connection connection;
	size_t leftovers;
	/* What a killed supervisor left is cleared away by the next one when it starts. */
	bool start = connection_was_killed(&leftovers);
	int status = supervise_open(start, &connection);

	if (status == EXIT_DONE && leftovers)
		fprintf(stderr, "ended %zu ssh process%s that a killed supervisor left\n",
			leftovers, leftovers == 1 ? "" : "es");
	if (status == EXIT_DONE && connection.fd >= 0)
		status = take_down(&connection, &taking);
	else if (status == EXIT_DONE)
		tell_absent(&taking, request->tunnel_count);
	if (cli->json)
		result_print_json(json_pack("{s:O, s:o*}", "tunnels", taking.result, "error",
					    cli_why(status)));
	else if (status == EXIT_DONE && !json_array_size(taking.result))
		fputs("nothing was up\n", stderr);
	connection_close(&connection);
	json_decref(taking.result);
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
