/* logs: prints what happened when, from the history on disk: of all tunnels of this topology, or of some. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/event_text.h"
#include "cmd/moment.h"
#include "cmd/options.h"
#include "cmd/result.h"
#include "cmd/supervise.h"
#include "cmd/wanted.h"
#include "exec/supervisor/past.h"
#include "exec/system/clock.h"

struct logs_options {
	bool all_files;
	const char *since; /* NULL: from the beginning */
};

/* Returns the ids of tunnels as the keys of an object. A new reference. */
static json_t *ids_of(const json_t *tunnels)
{
	json_t *ids = json_object(), *tunnel;
	size_t i;

	json_array_foreach(tunnels, i, tunnel)
	{
		json_object_set_new(ids, supervise_text(tunnel, "id"), json_true());
	}
	return ids;
}

/* Between what happened under two starts of the machine. */
static void add_boot(const json_t *event, struct strbuf *text)
{
	const json_t *alive = json_object_get(event, "alive_ms");

	moment_text((int64_t)json_integer_value(json_object_get(event, "booted_ms")), text);
	strbuf_puts(text, " machine: started");
	if (alive) {
		strbuf_puts(text, "; it went down after ");
		moment_text((int64_t)json_integer_value(alive), text);
	}
	strbuf_puts(text, "\n");
}

/* Whether the machine was started again since the supervisor before; *boot is that one's, and then this one's. */
static bool is_other_boot(const json_t *event, struct boot *boot)
{
	struct boot now = {
		.at_ms = (int64_t)json_integer_value(json_object_get(event, "booted_ms"))};
	bool other;

	snprintf(now.id, sizeof(now.id), "%s", supervise_text(event, "boot"));
	other = boot->at_ms && !boot_is_same(boot, &now);
	*boot = now;
	return other;
}

static void add_events(const json_t *events, bool json, bool with_file, struct strbuf *text)
{
	struct boot boot = {.at_ms = 0};

	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);

		if (json) {
			result_add_json(event_json(event), text);
			continue;
		}
		if (json_object_get(event, "booted_ms") && is_other_boot(event, &boot))
			add_boot(event, text);
		moment_text((int64_t)json_integer_value(json_object_get(event, "at_ms")), text);
		strbuf_puts(text, " ");
		event_text(event, with_file, text);
		strbuf_puts(text, "\n");
	}
}

static void show(const struct cli *cli, const struct past *past, const json_t *ids,
		 int64_t since_ms)
{
	json_t *events = past_events(past, ids, since_ms);
	struct strbuf text = {0};

	add_events(events, cli->json, !ids, &text);
	if (!json_array_size(events) && !cli->json)
		fputs("nothing is told of that\n", stderr);
	result_print(&text);
	json_decref(events);
}

static int find_and_show(const struct cli *cli, const struct logs_options *given, char **words,
			 size_t word_count, int64_t since_ms)
{
	const bool all = given->all_files && !word_count;
	struct past past = {0};
	struct wanted wanted;
	json_t *listed, *ids;
	char *why = NULL;
	int status;

	if (past_read(&past, &why)) {
		cli_error("%s", why);
		free(why);
		return EXIT_FAILED;
	}
	wanted_load(cli, !all, &wanted);
	listed = past_tunnels(&past);
	status = wanted_find(cli, "logs", listed, given->all_files, words, word_count, &wanted);
	if (status == EXIT_DONE) {
		ids = all ? NULL : ids_of(wanted.tunnels);
		show(cli, &past, ids, since_ms);
		json_decref(ids);
	}
	json_decref(listed);
	wanted_finish(&wanted);
	past_finish(&past);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct logs_options given = {0};
	int64_t since_ms = INT64_MIN;
	int status = options_take(&command_logs, &given, &argc, argv);

	if (status != EXIT_DONE)
		return status;
	if (given.since && !moment_since(given.since, clock_wall_ms(), &since_ms))
		return cli_usage("logs",
				 "--since wants a duration (10m, 2h, 1d) or a time (14:02, "
				 "2026-11-30, \"2026-11-30 14:02\"), not '%s'",
				 given.since);
	return find_and_show(cli, &given, argv + 1, (size_t)argc - 1, since_ms);
}

static const struct option options[] = {
	{"--all-files", .offset = offsetof(struct logs_options, all_files)},
	{"--since", .kind = OPTION_TEXT, .offset = offsetof(struct logs_options, since),
	 .wants = "a time or a duration"},
	{"--follow", .kind = OPTION_LATER},
	{0},
};

const struct command command_logs = {"logs", run, WORDS_ANY, options};
