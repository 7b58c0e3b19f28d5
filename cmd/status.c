/* status: shows the state of tunnels, hop by hop, as the supervisor has just verified it. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/loaded.h"
#include "cmd/options.h"
#include "cmd/result.h"
#include "cmd/status_text.h"
#include "cmd/supervise.h"

struct status_options {
	bool all_files;
	bool probe;
};

/*
 * Asks the supervisor. *ret_tunnels is a new reference; empty when there is no supervisor, and then
 * *ret_leftovers says how many processes one that was killed left.
 */
static int ask(const struct request *request, json_t **ret_tunnels, size_t *ret_leftovers)
{
	struct connection connection;
	int status = supervise_open(false, &connection);
	json_t *event = NULL;
	int error;

	*ret_tunnels = json_array();
	*ret_leftovers = 0;
	if (status == EXIT_DONE && connection.fd < 0)
		connection_was_killed(ret_leftovers);
	if (status != EXIT_DONE || connection.fd < 0)
		return status;
	status = supervise_send(&connection, request);
	if (status == EXIT_DONE && !supervise_next(&connection, -1, NULL, &event, &error))
		status = EXIT_FAILED;
	/* Without any tunnel the answer is an empty list, too. */
	json_array_extend(*ret_tunnels, json_object_get(event, "tunnels"));
	json_decref(event);
	connection_close(&connection);
	return status;
}

static const json_t *find(const json_t *tunnels, const char *name)
{
	for (size_t i = 0; i < json_array_size(tunnels); i++) {
		const json_t *tunnel = json_array_get(tunnels, i);

		if (strcmp(supervise_text(tunnel, "name"), name) == 0)
			return tunnel;
	}
	return NULL;
}

/* Adds those that were asked for and of which the supervisor knows nothing: they are down. */
static void add_down(const struct request *request, json_t *tunnels)
{
	for (size_t i = 0; request->tunnels && i < request->tunnel_count; i++)
		if (!find(tunnels, request->tunnels[i]))
			json_array_append_new(
				tunnels,
				json_pack("{s:s, s:s, s:s, s:[], s:s, s:i, s:[], s:[], s:n}",
					  "name", request->tunnels[i], "file", request->file, "me",
					  request->me, "place", "state", "down", "restarts", 0,
					  "forwards", "hops", "error"));
}

/* The exit status for the tunnels that were asked for by name. */
static int judge(const struct request *request, const json_t *tunnels)
{
	int status = EXIT_DONE;

	for (size_t i = 0; request->tunnels && i < request->tunnel_count; i++) {
		const char *state = supervise_text(find(tunnels, request->tunnels[i]), "state");

		if (strcmp(state, "silent") == 0)
			status = supervise_worse(status, EXIT_SILENT);
		else if (strcmp(state, "up") != 0)
			status = EXIT_FAILED;
	}
	return status;
}

static void print(const struct cli *cli, bool with_file, const json_t *tunnels)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < json_array_size(tunnels); i++)
		status_text(json_array_get(tunnels, i), with_file, cli_color(cli, STDOUT_FILENO),
			    &text);
	result_print(&text);
	if (!json_array_size(tunnels))
		fputs("nothing is up\n", stderr);
}

static int show(const struct cli *cli, const struct request *request)
{
	json_t *tunnels;
	size_t leftovers;
	int status = ask(request, &tunnels, &leftovers);

	if (status != EXIT_DONE)
		goto out;
	add_down(request, tunnels);
	status = judge(request, tunnels);
	if (cli->json)
		result_print_json(json_pack("{s:O}", "tunnels", tunnels));
	else
		print(cli, !request->file, tunnels);
	if (leftovers) {
		cli_error("a supervisor was killed and left %zu ssh processes running: "
			  "`tunplan down --all-files` ends them",
			  leftovers);
		status = EXIT_FAILED;
	}
out:
	json_decref(tunnels);
	return status;
}

static int show_in_file(const struct cli *cli, bool probe, char **names, size_t name_count)
{
	struct request request = {.op = OP_STATUS, .probe = probe};
	struct loaded loaded = {0};
	int status = supervise_in_file(cli, names, name_count, &loaded, &request);

	if (status == EXIT_DONE) {
		request.text = loaded_text(&loaded);
		status = show(cli, &request);
	}
	loaded_finish(&loaded);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct request all_files = {.op = OP_STATUS};
	struct status_options given = {0};
	int status = options_take(&command_status, &given, &argc, argv);

	if (status == EXIT_DONE && given.all_files && argc > 1)
		status = cli_usage("status", "either names or --all-files");
	if (status != EXIT_DONE)
		return status;
	all_files.probe = given.probe;
	return given.all_files ? show(cli, &all_files)
			       : show_in_file(cli, given.probe, argv + 1, (size_t)argc - 1);
}

static const struct option options[] = {
	{"--all-files", .offset = offsetof(struct status_options, all_files)},
	{"--probe", .offset = offsetof(struct status_options, probe)},
	{"--watch", .kind = OPTION_LATER},
	{"--failed", .kind = OPTION_LATER},
	{0},
};

const struct command command_status = {"status", run, WORDS_ANY, options};
