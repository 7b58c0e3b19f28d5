/* status: shows the state of tunnels, hop by hop, as the supervisor has just verified it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cli.h"
#include "cmd/result.h"
#include "cmd/status_text.h"
#include "cmd/supervise.h"

struct status_options {
	bool all_files;
	bool probe;
	char **names;
	size_t name_count;
};

static int parse_options(int argc, char **argv, struct status_options *ret_options)
{
	struct status_options options = {.names = argv + 1};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--all-files") == 0)
			options.all_files = true;
		else if (strcmp(argv[i], "--probe") == 0)
			options.probe = true;
		else if (strcmp(argv[i], "--watch") == 0 || strcmp(argv[i], "--failed") == 0)
			return cli_usage("status", "%s is not in this version yet", argv[i]);
		else if (argv[i][0] == '-')
			return cli_usage("status", "unknown option '%s'", argv[i]);
		else
			options.names[options.name_count++] = argv[i];
	}
	if (options.all_files && options.name_count)
		return cli_usage("status", "either names or --all-files");
	*ret_options = options;
	return EXIT_DONE;
}

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

		if (strcmp(state, "degraded") == 0)
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

static int run(const struct cli *cli, const struct request *request)
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

static int run_in_file(const struct cli *cli, const struct status_options *options)
{
	struct request request = {.op = OP_STATUS, .probe = options->probe};
	struct loaded loaded = {0};
	int status = supervise_in_file(cli, options->names, options->name_count, &loaded, &request);

	if (status == EXIT_DONE) {
		request.text = cli_text(&loaded);
		status = run(cli, &request);
	}
	cli_unload(&loaded);
	return status;
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
	struct request all_files = {.op = OP_STATUS};
	struct status_options options = {0};
	int status = parse_options(argc, argv, &options);

	if (status != EXIT_DONE)
		return status;
	all_files.probe = options.probe;
	return options.all_files ? run(cli, &all_files) : run_in_file(cli, &options);
}
