/* status: shows the state of tunnels, hop by hop, as the supervisor has just verified it. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/options.h"
#include "cmd/result.h"
#include "cmd/status_text.h"
#include "cmd/supervise.h"
#include "cmd/wanted.h"
#include "topology/base/memory.h"

struct status_options {
	bool all_files;
	bool probe;
	int timeout_ms; /* -1: none */
};

/* One run of the command. */
struct showing {
	const struct cli *cli;
	struct supervise talk;
	struct wanted wanted;
	bool named;      /* the user named tunnels, and asks whether they are up */
	json_t *tunnels; /* the answer */
	char *trouble;   /* a sentence of the supervisor's about itself, or NULL */
};

static int ask(struct showing *showing, bool probe)
{
	struct wanted *wanted = &showing->wanted;
	struct request request = {.op = OP_STATUS, .file = wanted->file, .probe = probe};
	json_t *event = NULL;
	int error = 0, status;

	if (wanted->loaded.topology)
		request.text = loaded_text(&wanted->loaded);
	request.ids = wanted_ids(wanted, &request.id_count);
	status = supervise_send(&showing->talk, &request);
	free(request.ids);
	if (status != EXIT_DONE)
		return status;
	if (supervise_next(&showing->talk, &event, &error)) {
		json_array_extend(showing->tunnels, json_object_get(event, "tunnels"));
		showing->trouble =
			memory_string(json_string_value(json_object_get(event, "trouble")));
	} else if (error == -ETIMEDOUT || error == -EINTR) {
		status = supervise_gave_up(&showing->talk, error);
	} else if (error != -ESHUTDOWN) {
		status = EXIT_FAILED;
	}
	json_decref(event);
	return status;
}

static bool is_same(const json_t *tunnel, const json_t *wanted)
{
	return tunnel && strcmp(supervise_text(tunnel, "id"), supervise_text(wanted, "id")) == 0;
}

/* Where there is no supervisor, all that there is to say of what has failed came with the list. */
static void take_failed(const struct wanted *wanted, json_t *tunnels)
{
	json_t *tunnel;
	size_t i;

	json_array_foreach(wanted->tunnels, i, tunnel)
	{
		if (json_object_get(tunnel, "remembered"))
			json_array_append(tunnels, tunnel);
	}
}

/* Adds those that the supervisor does not hold, or not any more. It answers in the order of the ids. */
static void add_down(struct showing *showing)
{
	json_t *tunnels = showing->tunnels, *wanted;
	size_t i, at = 0;

	json_array_foreach(showing->wanted.tunnels, i, wanted)
	{
		if (!is_same(json_array_get(tunnels, at), wanted))
			json_array_insert_new(tunnels, at,
					      json_pack("{s:s, s:s, s:s, s:s, s:[], s:s, s:b, s:i, "
							"s:[], s:[], s:n}",
							"id", supervise_text(wanted, "id"), "name",
							supervise_text(wanted, "name"), "file",
							supervise_text(wanted, "file"), "me",
							supervise_text(wanted, "me"), "place",
							"state", "down", "remembered", 0,
							"restarts", 0, "forwards", "hops",
							"error"));
		/* A tunnel and the one that it replaces. */
		while (is_same(json_array_get(tunnels, at), wanted))
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

static int judge_all(const struct showing *showing)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < json_array_size(showing->tunnels); i++)
		status = supervise_worse(
			status, judge(supervise_text(json_array_get(showing->tunnels, i), "state"),
				      showing->named));
	return status;
}

/* Whether any tunnel is of another file than the one that the user is at. */
static bool is_elsewhere(const struct showing *showing)
{
	const char *here = showing->wanted.file;

	for (size_t i = 0; i < json_array_size(showing->tunnels); i++) {
		const char *file = supervise_text(json_array_get(showing->tunnels, i), "file");

		if (!here || strcmp(file, here) != 0)
			return true;
	}
	return false;
}

static void print(const struct showing *showing, bool with_file)
{
	const bool color = cli_color(showing->cli, STDOUT_FILENO);
	struct strbuf text = {0};

	for (size_t i = 0; i < json_array_size(showing->tunnels); i++)
		status_text(json_array_get(showing->tunnels, i), with_file, color, &text);
	result_print(&text);
}

static int show(struct showing *showing, bool all_files)
{
	const size_t left = showing->talk.news.left;
	const bool json = showing->cli->json;
	int status;

	add_down(showing);
	status = left ? EXIT_FAILED : judge_all(showing);
	if (!json)
		print(showing, all_files || is_elsewhere(showing));
	if (showing->trouble)
		cli_note("%s", showing->trouble);
	if (left)
		cli_error("a supervisor was killed and left %zu ssh process%s running: "
			  "`tunplan down --all-files` ends %s",
			  left, left == 1 ? "" : "es", left == 1 ? "it" : "them");
	else if (!json && !json_array_size(showing->tunnels))
		fputs("nothing is up\n", stderr);
	if (json)
		result_print_json(json_pack("{s:b, s:O, s:s*, s:o*}", "watched", left == 0,
					    "tunnels", showing->tunnels, "trouble",
					    showing->trouble, "error", cli_why(status)));
	return status;
}

/* Finds out what is meant, and shows it. */
static int find_and_show(struct showing *showing, const struct status_options *given, char **names,
			 size_t name_count)
{
	json_t *listed;
	int status = supervise_list(&showing->talk, &listed);

	if (status == EXIT_DONE)
		status = wanted_find(showing->cli, "status", listed, given->all_files, names,
				     name_count, &showing->wanted);
	if (status == EXIT_DONE && showing->talk.connection.fd >= 0)
		status = ask(showing, given->probe);
	else if (status == EXIT_DONE)
		take_failed(&showing->wanted, showing->tunnels);
	if (status == EXIT_DONE)
		status = show(showing, given->all_files);
	json_decref(listed);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct showing showing = {.cli = cli};
	struct status_options given = {.timeout_ms = -1};
	int status = options_take(&command_status, &given, &argc, argv);

	if (status != EXIT_DONE)
		return status;
	showing.named = argc > 1;
	showing.tunnels = json_array();
	supervise_init(&showing.talk, given.timeout_ms);
	status = supervise_open(&showing.talk, FIND_LOOK);
	if (status == EXIT_DONE)
		status = find_and_show(&showing, &given, argv + 1, (size_t)argc - 1);
	json_decref(showing.tunnels);
	free(showing.trouble);
	wanted_finish(&showing.wanted);
	supervise_finish(&showing.talk);
	return status;
}

static const struct option options[] = {
	{"--all-files", .offset = offsetof(struct status_options, all_files)},
	{"--probe", .offset = offsetof(struct status_options, probe)},
	{"--timeout", .kind = OPTION_SECONDS, .offset = offsetof(struct status_options, timeout_ms),
	 .wants = "a number of seconds", .max = 86400},
	{"--watch", .kind = OPTION_LATER},
	{"--failed", .kind = OPTION_LATER},
	{0},
};

const struct command command_status = {"status", run, WORDS_ANY, options};
