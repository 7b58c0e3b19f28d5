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

static bool is_named(const json_t *tunnel, const char *name)
{
	return tunnel && strcmp(supervise_text(tunnel, "name"), name) == 0;
}

/*
 * Adds those that were asked for by name and of which the supervisor knows nothing: they are down. It
 * answers in the order of the names.
 */
static void add_down(const struct request *request, json_t *tunnels)
{
	size_t at = 0;

	for (size_t i = 0; i < request->tunnel_count; i++) {
		const char *name = request->tunnels[i];

		if (!is_named(json_array_get(tunnels, at), name))
			json_array_insert_new(
				tunnels, at,
				json_pack("{s:s, s:s, s:s, s:[], s:s, s:i, s:[], s:[], s:n}",
					  "name", name, "file", request->file, "me", request->me,
					  "place", "state", "down", "restarts", 0, "forwards",
					  "hops", "error"));
		/* A tunnel and the one that it replaces. */
		while (is_named(json_array_get(tunnels, at), name))
			at++;
	}
}

/* The exit status that a tunnel stands for: who names it asks whether it is up. */
static int judge(const char *state, bool named)
{
	static const struct {
		const char *state;
		int status;
		int status_if_named;
	} states[] = {
		{"up", EXIT_DONE, EXIT_DONE},         {"silent", EXIT_SILENT, EXIT_SILENT},
		{"starting", EXIT_DONE, EXIT_FAILED}, {"stopping", EXIT_DONE, EXIT_FAILED},
		{"down", EXIT_DONE, EXIT_FAILED},
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i].state, state) == 0)
			return named ? states[i].status_if_named : states[i].status;
	return EXIT_FAILED;
}

static int judge_all(const struct request *request, const json_t *tunnels)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < json_array_size(tunnels); i++)
		status = supervise_worse(status,
					 judge(supervise_text(json_array_get(tunnels, i), "state"),
					       request->tunnels != NULL));
	return status;
}

static void print(const struct cli *cli, bool with_file, const json_t *tunnels)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < json_array_size(tunnels); i++)
		status_text(json_array_get(tunnels, i), with_file, cli_color(cli, STDOUT_FILENO),
			    &text);
	result_print(&text);
}

static int show(const struct cli *cli, const struct request *request)
{
	json_t *tunnels;
	size_t leftovers;
	int status = ask(request, &tunnels, &leftovers);

	if (status != EXIT_DONE)
		goto out;
	add_down(request, tunnels);
	status = judge_all(request, tunnels);
	if (leftovers)
		status = EXIT_FAILED;
	if (!cli->json)
		print(cli, !request->file, tunnels);
	if (leftovers)
		cli_error("a supervisor was killed and left %zu ssh process%s running: "
			  "`tunplan down --all-files` ends %s",
			  leftovers, leftovers == 1 ? "" : "es", leftovers == 1 ? "it" : "them");
	else if (!cli->json && !json_array_size(tunnels))
		fputs("nothing is up\n", stderr);
	if (cli->json)
		result_print_json(json_pack("{s:b, s:O, s:o*}", "watched", leftovers == 0,
					    "tunnels", tunnels, "error", cli_why(status)));
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
