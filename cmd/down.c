/* down: asks the supervisor to take tunnels down, and reports whatever could not be removed. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/left.h"
#include "cmd/options.h"
#include "cmd/result.h"
#include "cmd/supervise.h"
#include "cmd/wanted.h"

struct down_options {
	bool all;       /* every tunnel of this file */
	bool all_files; /* and of every other one */
	int timeout_ms; /* -1: none */
};

/* One run of the command. */
struct taking {
	const struct cli *cli;
	struct supervise talk;
	struct wanted wanted;
	size_t told;    /* of the tunnels that are wanted */
	json_t *result; /* what was told */
};

/* Tells how it ended for one tunnel, and returns its exit status. */
static int tell(struct taking *taking, const char *name, const char *how, json_t *left)
{
	json_array_append_new(taking->result, json_pack("{s:s, s:s, s:O}", "name", name, "state",
							"down", "left", left));
	if (!taking->cli->json)
		fprintf(stderr, "%s: %s\n", name, how);
	left_print(left, name);
	return json_array_size(left) ? EXIT_FAILED : EXIT_DONE;
}

/* Those before that one which were not told yet were not up: that is fine, and said. */
static void tell_absent(struct taking *taking, size_t until)
{
	json_t *nothing = json_array();

	for (; taking->told < until; taking->told++)
		tell(taking,
		     supervise_text(json_array_get(taking->wanted.tunnels, taking->told), "name"),
		     "was not up", nothing);
	json_decref(nothing);
}

static const char *wanted_id(const struct taking *taking, size_t index)
{
	return supervise_text(json_array_get(taking->wanted.tunnels, index), "id");
}

/* The supervisor answers in the order in which the tunnels are wanted. */
static int tell_result(struct taking *taking, const json_t *event)
{
	const size_t count = json_array_size(taking->wanted.tunnels);
	const char *id = supervise_text(json_object_get(event, "status"), "id");
	size_t i = taking->told;

	while (i < count && strcmp(wanted_id(taking, i), id) != 0)
		i++;
	if (i < count) {
		tell_absent(taking, i);
		taking->told = i + 1;
	}
	return tell(taking, supervise_text(event, "tunnel"),
		    json_is_true(json_object_get(json_object_get(event, "status"), "remembered"))
			    ? "had failed, and is no longer listed"
			    : "down",
		    json_object_get(event, "left"));
}

/* The supervisor said nothing more. */
static int ended_early(struct taking *taking, int error, int status)
{
	if (error == -ETIMEDOUT || error == -EINTR)
		return supervise_gave_up(&taking->talk, error);
	/* One that leaves has taken everything down. */
	return error == -ESHUTDOWN ? status : EXIT_FAILED;
}

static int take_down(struct taking *taking)
{
	struct request request = {.op = OP_DOWN};
	bool done;
	int status;

	request.ids = wanted_ids(&taking->wanted, &request.id_count);
	status = supervise_send(&taking->talk, &request);
	done = status != EXIT_DONE;
	free(request.ids);
	while (!done) {
		json_t *event = NULL;
		int error;
		const char *name = supervise_next(&taking->talk, &event, &error);

		if (!name)
			return ended_early(taking, error, status);
		done = strcmp(name, "done") == 0;
		if (strcmp(name, "result") == 0)
			status = supervise_worse(status, tell_result(taking, event));
		json_decref(event);
		if (done)
			tell_absent(taking, json_array_size(taking->wanted.tunnels));
	}
	return status;
}

/* Where there is no file, `--all` cannot mean all of several files. */
static int check_all(const struct wanted *wanted)
{
	const char *file = supervise_text(json_array_get(wanted->tunnels, 0), "file");

	for (size_t i = 0; i < json_array_size(wanted->tunnels); i++) {
		if (strcmp(supervise_text(json_array_get(wanted->tunnels, i), "file"), file) == 0)
			continue;
		cli_error("no topology here, and there are tunnels of several files: "
			  "`tunplan down --all-files` takes all of them down");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* Finds out what is meant, and takes it down. */
static int find_and_take(struct taking *taking, const struct down_options *given, char **names,
			 size_t name_count)
{
	json_t *listed;
	int status = supervise_list(&taking->talk, &listed);

	if (status == EXIT_DONE)
		wanted_load(taking->cli, name_count || !given->all_files, &taking->wanted);
	if (status == EXIT_DONE)
		status = wanted_find(taking->cli, "down", listed, given->all_files, names,
				     name_count, &taking->wanted);
	if (status == EXIT_DONE && !name_count && !given->all_files)
		status = check_all(&taking->wanted);
	if (status == EXIT_DONE && taking->talk.connection.fd >= 0)
		status = take_down(taking);
	else if (status == EXIT_DONE)
		tell_absent(taking, json_array_size(taking->wanted.tunnels));
	json_decref(listed);
	return status;
}

static int ask(const struct cli *cli, const struct down_options *given, char **names,
	       size_t name_count)
{
	struct taking taking = {.cli = cli, .result = json_array()};
	const struct find_news *news = &taking.talk.news;
	int status;

	supervise_init(&taking.talk, given->timeout_ms);
	/* What a killed supervisor left is taken over by the next one when it starts. */
	status = supervise_open(&taking.talk, FIND_CLEAR);
	if (status == EXIT_DONE && news->left)
		fprintf(stderr, "took over %zu ssh process%s that a killed supervisor left\n",
			news->left, news->left == 1 ? "" : "es");
	if (status == EXIT_DONE)
		status = find_and_take(&taking, given, names, name_count);
	if (cli->json)
		result_print_json(json_pack("{s:O, s:o*}", "tunnels", taking.result, "error",
					    cli_why(status)));
	else if (status == EXIT_DONE && !json_array_size(taking.result))
		fputs("nothing was up\n", stderr);
	json_decref(taking.result);
	wanted_finish(&taking.wanted);
	supervise_finish(&taking.talk);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct down_options given = {.timeout_ms = -1};
	int status = options_take(&command_down, &given, &argc, argv);

	if (status != EXIT_DONE)
		return status;
	if (argc == 1 && !given.all && !given.all_files)
		return cli_usage("down", "which tunnel? or --all, or --all-files");
	if (argc > 1 && given.all)
		return cli_usage("down", "either names or --all");
	return ask(cli, &given, argv + 1, (size_t)argc - 1);
}

static const struct option options[] = {
	{"--all", .offset = offsetof(struct down_options, all)},
	{"--all-files", .offset = offsetof(struct down_options, all_files)},
	{"--timeout", .kind = OPTION_SECONDS, .offset = offsetof(struct down_options, timeout_ms),
	 .wants = "a number of seconds", .max = 86400},
	{0},
};

const struct command command_down = {"down", run, WORDS_ANY, options};
