/* status: shows the state of tunnels, hop by hop, as the supervisor has just verified it. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/options.h"
#include "cmd/result.h"
#include "cmd/status_past.h"
#include "cmd/status_text.h"
#include "cmd/supervise.h"
#include "cmd/wanted.h"
#include "exec/tunnel/snapshot.h"
#include "topology/base/memory.h"

struct status_options {
	bool all_files;
	bool probe;
	bool verbose;
	int timeout_ms; /* -1: none */
};

/* One run of the command. */
struct showing {
	const struct cli *cli;
	struct supervise talk;
	struct wanted wanted;
	bool named;     /* the user named tunnels, and asks whether they are up */
	bool with_file; /* a line names the file of its tunnel */
	bool color;
	size_t told; /* of the wanted ones, how many there was something to say of */
	bool any;
	bool left;               /* the supervisor was going, and did not answer */
	bool wants_text;         /* it answered that it needs to know what the file says now */
	int status;              /* the worst of all that were shown */
	struct strbuf text;      /* of those; or */
	struct status_hops hops; /* of the tunnel that was shown last */
	json_t *tunnels;         /* with --json, themselves */
	char *trouble;           /* a sentence of the supervisor's about itself, or NULL */
	char *history_trouble;   /* and about the history that is not written, or NULL */
	bool verbose;            /* each tunnel with what changed last */
	struct status_past past;
};

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

/* --- one tunnel ------------------------------------------------------------------------------ */

static void show_one(struct showing *showing, json_t *tunnel)
{
	showing->any = true;
	if (showing->verbose)
		status_past_add_changes(&showing->past, showing->cli->json, tunnel);
	showing->status = supervise_worse(showing->status,
					  judge(supervise_text(tunnel, "state"), showing->named));
	if (showing->cli->json)
		json_array_append(showing->tunnels, tunnel);
	else
		status_text(tunnel, showing->with_file, showing->color, &showing->hops,
			    &showing->text);
}

static void show_down(struct showing *showing, const json_t *wanted)
{
	json_t *tunnel = json_pack(
		"{s:s, s:s, s:s, s:s, s:[], s:s, s:b, s:i, s:[], s:[], s:[], s:[], s:n}", "id",
		supervise_text(wanted, "id"), "name", supervise_text(wanted, "name"), "file",
		supervise_text(wanted, "file"), "me", supervise_text(wanted, "me"), "place",
		"state", "down", "remembered", 0, "restarts", 0, "without", "left_out", "forwards",
		"hops", "error");

	show_one(showing, tunnel);
	json_decref(tunnel);
}

static bool is_same(const json_t *tunnel, const json_t *wanted)
{
	return tunnel && strcmp(supervise_text(tunnel, "id"), supervise_text(wanted, "id")) == 0;
}

/* Shows those that the supervisor does not hold, or not any more, up to one that it holds (NULL: all). */
static void show_absent(struct showing *showing, const json_t *until)
{
	const json_t *all = showing->wanted.tunnels;
	size_t *told = &showing->told;

	/* It answers in the order of the ids; a tunnel and the one that it replaces have one id. */
	if (*told && is_same(until, json_array_get(all, *told - 1)))
		return;
	while (*told < json_array_size(all) && !is_same(until, json_array_get(all, *told)))
		show_down(showing, json_array_get(all, (*told)++));
	*told += *told < json_array_size(all);
}

/* --- all ------------------------------------------------------------------------------------- */

/* Shows a part of the answer. Returns whether there is more. */
static bool show_part(struct showing *showing, const char *name, const json_t *event)
{
	json_t *tunnel, *hops = NULL;
	size_t i;

	showing->wants_text = strcmp(name, "text") == 0;
	showing->hops.of = NULL;
	/* Of the answer before. */
	if (strcmp(name, "done") == 0)
		return true;
	json_array_foreach(json_object_get(event, "tunnels"), i, tunnel)
	{
		/* Left out where they are those of the one before. */
		if (json_object_get(tunnel, "hops"))
			hops = json_object_get(tunnel, "hops");
		else
			json_object_set(tunnel, "hops", hops);
		show_absent(showing, tunnel);
		show_one(showing, tunnel);
	}
	memory_replace(&showing->trouble, json_string_value(json_object_get(event, "trouble")));
	memory_replace(&showing->history_trouble,
		       json_string_value(json_object_get(event, "history_trouble")));
	return json_is_true(json_object_get(event, "more"));
}

static int show_answer(struct showing *showing)
{
	bool more = true;

	while (more && !showing->left) {
		json_t *event = NULL;
		int error = 0;
		const char *name = supervise_next(&showing->talk, &event, &error);

		if (name)
			more = show_part(showing, name, event);
		else if (error == -ETIMEDOUT || error == -EINTR)
			return supervise_gave_up(&showing->talk, error);
		else if (error != -ESHUTDOWN)
			return EXIT_FAILED;
		else
			showing->left = true;
		json_decref(event);
	}
	return EXIT_DONE;
}

/* Asks, and asks again with the text of the file if that has changed: then nothing has been shown yet. */
static int ask_and_show(struct showing *showing, struct request *request, const char *text)
{
	int status = supervise_send(&showing->talk, request);

	if (status == EXIT_DONE)
		status = show_answer(showing);
	if (status != EXIT_DONE || !showing->wants_text)
		return status;
	request->text = text;
	/* That was done for the answer before. */
	request->probe = false;
	status = supervise_send(&showing->talk, request);
	return status == EXIT_DONE ? show_answer(showing) : status;
}

/* Asks for the tunnels that are wanted; all: for all that there are, of the file or of every file. */
static int ask(struct showing *showing, bool all, bool probe)
{
	struct wanted *wanted = &showing->wanted;
	char digest[SNAPSHOT_DIGEST_SIZE];
	const char *text = wanted->loaded.topology ? loaded_text(&wanted->loaded) : NULL;
	struct request request = {.op = OP_STATUS,
				  .file = wanted->file,
				  .digest = text ? digest : NULL,
				  .probe = probe,
				  .brief = !showing->cli->json && !showing->verbose};
	int status;

	if (text)
		snapshot_digest(text, digest);
	if (all)
		request.me = wanted->file ? wanted->me : NULL;
	else
		request.ids = wanted_ids(wanted, &request.id_count);
	status = ask_and_show(showing, &request, text);
	free(request.ids);
	return status;
}

/* Where there is no supervisor, all that there is to say of what has failed came with the list. */
static void show_failed(struct showing *showing)
{
	json_t *tunnel;
	size_t i;

	json_array_foreach(showing->wanted.tunnels, i, tunnel)
	{
		if (!json_object_get(tunnel, "remembered"))
			continue;
		show_absent(showing, tunnel);
		show_one(showing, tunnel);
	}
}

/* Whether any tunnel is of another file than the one that the user is at. */
static bool is_elsewhere(const struct wanted *wanted)
{
	for (size_t i = 0; i < json_array_size(wanted->tunnels); i++) {
		const char *file = supervise_text(json_array_get(wanted->tunnels, i), "file");

		if (!wanted->file || strcmp(file, wanted->file) != 0)
			return true;
	}
	return false;
}

/* Finds out by the supervisor's list what words mean, or what there is, and shows that. */
static int find_and_show(struct showing *showing, const struct status_options *given, char **names,
			 size_t name_count)
{
	json_t *listed;
	int status = supervise_list(&showing->talk, &listed);

	if (status == EXIT_DONE)
		status = wanted_find(showing->cli, "status", listed, given->all_files, names,
				     name_count, &showing->wanted);
	showing->with_file |= is_elsewhere(&showing->wanted);
	if (status == EXIT_DONE && showing->talk.connection.fd >= 0)
		status = ask(showing, false, given->probe);
	else if (status == EXIT_DONE)
		show_failed(showing);
	if (status == EXIT_DONE)
		show_absent(showing, NULL);
	json_decref(listed);
	return status;
}

/* Finds out how the last supervisor ended, of the tunnels that are asked for. One that was killed has left its record. */
static void find_end(struct showing *showing)
{
	const struct wanted *wanted = &showing->wanted;
	struct ended_asked asked = {.file = showing->with_file ? NULL : wanted->file};
	json_t *ids = json_object();

	if (showing->talk.connection.fd >= 0 || showing->talk.news.killed)
		goto out;
	for (size_t i = 0; showing->named && i < json_array_size(wanted->tunnels); i++)
		json_object_set_new(ids, supervise_text(json_array_get(wanted->tunnels, i), "id"),
				    json_true());
	if (showing->named)
		asked.ids = ids;
	status_past_find_end(&showing->past, &asked);
out:
	json_decref(ids);
}

static int print(struct showing *showing)
{
	const size_t left = showing->talk.news.left;
	const bool unwatched = showing->talk.news.killed;
	const int status = unwatched ? EXIT_FAILED : showing->status;
	const bool json = showing->cli->json;

	if (!json)
		result_print(&showing->text);
	if (showing->trouble)
		cli_note("%s", showing->trouble);
	if (showing->history_trouble && showing->verbose)
		cli_note("%s", showing->history_trouble);
	if (unwatched && !left)
		cli_error("nobody watches this: its supervisor was killed, and none of its ssh "
			  "processes runs any more");
	else if (unwatched)
		cli_error("nobody watches this: its supervisor was killed and left %zu ssh "
			  "process%s running; the next `tunplan up`, `down`, `reload` or "
			  "`restart` takes over what there is",
			  left, left == 1 ? "" : "es");
	else if (!json && !showing->any)
		fputs("nothing is up\n", stderr);
	if (!json)
		status_past_say_end(&showing->past, showing->with_file || !showing->wanted.file);
	if (json)
		result_print_json(
			json_pack("{s:b, s:O, s:s*, s:s*, s:o*, s:o*}", "watched", !unwatched,
				  "tunnels", showing->tunnels, "trouble", showing->trouble,
				  "history_trouble", showing->history_trouble, "ended",
				  status_past_end_json(&showing->past), "error", cli_why(status)));
	return status;
}

static int show(struct showing *showing, const struct status_options *given, char **names,
		size_t name_count)
{
	const struct wanted *wanted = &showing->wanted;
	const bool of_file = showing->named || !given->all_files;
	int status = supervise_open(&showing->talk, FIND_LOOK);

	if (status != EXIT_DONE)
		return status;
	wanted_load(showing->cli, of_file, &showing->wanted);
	showing->with_file = given->all_files;
	/* All that there is needs no names. */
	if (showing->named || showing->talk.connection.fd < 0 || wanted->status != EXIT_DONE ||
	    (of_file && !wanted->file))
		status = find_and_show(showing, given, names, name_count);
	else
		status = ask(showing, true, given->probe);
	if (status == EXIT_DONE && showing->left && !showing->any) {
		/* Who leaves has written down what there is to know when it has gone. */
		showing->left = false;
		wanted_finish(&showing->wanted);
		return show(showing, given, names, name_count);
	}
	if (status != EXIT_DONE)
		return status;
	if (showing->talk.news.unwritable && !showing->history_trouble)
		showing->history_trouble = memory_string(showing->talk.news.unwritable);
	find_end(showing);
	return print(showing);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct showing showing = {.cli = cli};
	struct status_options given = {.timeout_ms = -1};
	int status = options_take(&command_status, &given, &argc, argv);

	if (status != EXIT_DONE)
		return status;
	showing.named = argc > 1;
	showing.verbose = given.verbose;
	showing.color = cli_color(cli, STDOUT_FILENO);
	showing.tunnels = json_array();
	supervise_init(&showing.talk, given.timeout_ms);
	status = show(&showing, &given, argv + 1, (size_t)argc - 1);
	json_decref(showing.tunnels);
	strbuf_finish(&showing.text);
	strbuf_finish(&showing.hops.text);
	free(showing.trouble);
	free(showing.history_trouble);
	status_past_finish(&showing.past);
	wanted_finish(&showing.wanted);
	supervise_finish(&showing.talk);
	return status;
}

static const struct option options[] = {
	{"--all-files", .offset = offsetof(struct status_options, all_files)},
	{"--probe", .offset = offsetof(struct status_options, probe)},
	{"--timeout", .kind = OPTION_SECONDS, .offset = offsetof(struct status_options, timeout_ms),
	 .wants = "a number of seconds", .max = 86400},
	{"--verbose", .offset = offsetof(struct status_options, verbose), .short_name = "-v"},
	{"--watch", .kind = OPTION_LATER},
	{"--failed", .kind = OPTION_LATER},
	{0},
};

const struct command command_status = {"status", run, WORDS_ANY, options};
