/*
 * up: plans tunnels, asks the supervisor to bring them up, shows their progress, and prints the
 * ingress of each. restart: the same, and what is up gets new masters (or restart_supervisor.h). reload: the same for all that is up
 * of the file.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/loaded.h"
#include "cmd/locate.h"
#include "cmd/no_path.h"
#include "cmd/options.h"
#include "cmd/plan_asked.h"
#include "cmd/restart_supervisor.h"
#include "cmd/result.h"
#include "cmd/supervise.h"
#include "cmd/targets.h"
#include "cmd/up_facts.h"
#include "cmd/up_progress.h"
#include "exec/ssh/link_way.h"
#include "exec/system/clock.h"
#include "exec/tunnel/snapshot.h"
#include "planner/views/plan_view.h"
#include "planner/views/shell.h"
#include "topology/base/memory.h"
#include "topology/model/no_effect.h"

/* How long an interrupted `up` waits for what it started to be taken down. */
#define ABANDON_MS 15000
/* The same, for a supervisor that has not said anything yet: it may be about to. */
#define UNHEARD_MS 1000

extern char **environ;

struct up_options {
	int timeout_ms; /* -1: none */
	bool no_wait;
	bool persist;
	bool dry_run;
	bool renew;      /* restart */
	bool supervisor; /* restart: not of tunnels, but of that */
	struct option_list without;
};

/* One run of the command. */
struct up {
	struct cli *cli;
	struct up_options options;
	struct loaded loaded;
	bool says_without;  /* without whom, and be it nobody; restart, reload: as the `up` said */
	size_t *without;    /* hosts */
	const char **names; /* those that have a plan */
	size_t name_count;
	size_t asked_count;    /* with those that have none */
	struct strbuf planned; /* what planning has to say on stdout */
	struct up_facts facts;
	struct supervise talk;
	bool sends_text; /* the supervisor has asked for it */
	struct up_progress progress;
	sigset_t mask;       /* while waiting: signals come through only there */
	const char *gave_up; /* why this `up` does not wait any longer, or NULL */
	char gave_up_text[64];
	int status;
};

static volatile sig_atomic_t interrupted;

static void note_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

/*
 * From here on something may have been begun, which is to be ended if the user is impatient: the signals of
 * impatience come only while we wait for the supervisor. Before, they end this program at once.
 */
static void catch_signals(struct up *up)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = note_signal};
	sigset_t blocked;

	if (up->talk.patience.mask)
		return;
	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaddset(&blocked, signals[i]);
		sigaction(signals[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, &up->mask);
	up->talk.patience.mask = &up->mask;
}

static void add_commands(struct up *up, const struct plan *plan)
{
	struct plan_command *commands;
	size_t count;
	json_t *object;

	if (up->cli->json) {
		object = plan_json(plan);
		result_add_json(json_pack("{s:s, s:O}", "tunnel", plan->name, "commands",
					  json_object_get(object, "commands")),
				&up->planned);
		json_decref(object);
		return;
	}
	plan_commands(plan, &up->loaded.arena, &commands, &count);
	for (size_t i = 0; i < count; i++) {
		shell_join(&up->planned, commands[i].argv);
		strbuf_puts(&up->planned, "\n");
	}
}

/* Its commands are all that is wanted, or all that is wanted is that there is a plan. */
static bool make_plan(struct up *up, struct plan_request *request, const struct plan **ret_plan,
		      struct plan_failure *ret_failure)
{
	struct arena *arena = &up->loaded.arena;

	return up->options.dry_run
		       ? plan_asked(&up->facts.config, request, arena, ret_plan, ret_failure)
		       : planner_plan(request, arena, ret_plan, ret_failure);
}

/* Says of the keys of all tunnels, each once, what they do not do. */
static void note_no_effect(const struct targets *targets)
{
	for (size_t i = 0; i < NO_EFFECT_KEYS; i++)
		for (size_t t = 0; t < targets->count; t++)
			if (no_effects[i].is_stated(&targets->tunnels[t]->options)) {
				cli_note(NO_EFFECT_SENTENCE, no_effects[i].key,
					 no_effects[i].instead);
				break;
			}
}

/* Plans all of them here, too: who has no path is told so without a supervisor. */
static void plan_all(struct up *up, const struct targets *targets)
{
	struct network_index network_index;

	locate_me(&up->loaded);
	network_index_init(&network_index, up->loaded.here, &up->loaded.arena);
	up->asked_count = targets->count;
	up->names = arena_array(&up->loaded.arena, targets->count, sizeof(*up->names));
	up->facts.plans = arena_array(&up->loaded.arena, targets->count, sizeof(void *));
	for (size_t i = 0; i < targets->count; i++) {
		struct plan_request request = {
			.network_index = &network_index,
			.tunnel = targets->tunnels[i],
			.me = up->loaded.me,
			.where = up->loaded.where,
			.without = up->without,
			.without_count = up->options.without.count,
		};
		struct plan_failure failure = {0};
		const struct plan *plan = NULL;

		if (!make_plan(up, &request, &plan, &failure)) {
			no_path_places(&up->loaded, &request, &failure);
			no_path_say(up->cli, &up->loaded, &failure, &up->planned);
			up->status = supervise_worse(up->status, EXIT_NO_PATH);
			continue;
		}
		up->facts.plans[up->facts.plan_count++] = plan;
		up->names[up->name_count++] = plan->name;
		if (up->options.dry_run)
			add_commands(up, plan);
	}
	result_print(&up->planned);
	note_no_effect(targets);
}

/* The supervisor has the text, unless it is new, or the file is: then it asks for it. */
static int send_up(struct up *up)
{
	const char *text = loaded_text(&up->loaded);
	char digest[SNAPSHOT_DIGEST_SIZE];
	struct request request = {
		.op = OP_UP,
		.file = up->loaded.path,
		.me = up->loaded.topology->hosts[up->loaded.me].name,
		.places = locate_names(&up->loaded),
		.place_count = up->loaded.where.count,
		.roams = up->loaded.where.how == WHEREABOUTS_RECOGNISED ||
			 up->loaded.where.how == WHEREABOUTS_FALLBACK,
		.digest = digest,
		.text = up->sends_text || up->talk.news.started ? text : NULL,
		.tunnels = up->names,
		.tunnel_count = up->name_count,
		.without = up->says_without ? up->options.without.items : NULL,
		.without_count = up->options.without.count,
		.env = (const char *const *)environ,
		.wait = !up->options.no_wait,
		.persist = up->options.persist,
		.renew = up->options.renew,
	};

	snapshot_digest(text, digest);
	return supervise_send(&up->talk, &request);
}

/*
 * Tells the supervisor that this `up` does not wait any more. Its results still come, unless it is
 * stopped: it takes down what was begun when it goes on.
 */
static void give_up(struct up *up, const char *why)
{
	struct connection *connection = &up->talk.connection;
	/* What a supervisor has not begun yet, when the time is over, is none of its failures. */
	const bool failed = up->status != EXIT_INTERRUPTED && connection->heard;
	struct request request = {.op = OP_ABANDON, .text = failed ? why : NULL};
	int64_t wait_ms = connection->heard ? ABANDON_MS : UNHEARD_MS;

	up->gave_up = why;
	if (wait_is_stopped(connection->supervisor))
		wait_ms = 0;
	up->talk.patience.until_ms = (int64_t)clock_ms() + wait_ms;
	connection_send(connection, protocol_request(&request), &up->talk.patience);
}

/* What to do when the wait ended without an event. Returns whether to go on. */
static bool went_without_event(struct up *up, int error)
{
	bool again = up->status == EXIT_INTERRUPTED;

	if (error == -EINTR && !interrupted)
		return true;
	if (error == -EINTR) {
		interrupted = 0;
		up->status = EXIT_INTERRUPTED;
		/* Who is impatient twice does not want to see how it ends. */
		if (again)
			return false;
		give_up(up, "interrupted");
		return true;
	}
	if (error == -ETIMEDOUT && !up->gave_up) {
		snprintf(up->gave_up_text, sizeof(up->gave_up_text), "not up within %g s",
			 up->options.timeout_ms / 1000.0);
		give_up(up, up->gave_up_text);
		return true;
	}
	if (error == -ETIMEDOUT) {
		char *what = connection_awaited(&up->talk.connection);

		cli_error("%s; no answer from %s", up->gave_up, what);
		free(what);
	}
	up->status = supervise_worse(up->status, EXIT_FAILED);
	return false;
}

/* Returns whether there is nothing more to wait for. */
static bool send_text(struct up *up)
{
	up->sends_text = true;
	up->status = supervise_worse(up->status, send_up(up));
	return up->status != EXIT_DONE;
}

static void take_event(struct up *up, const char *name, const json_t *event)
{
	if (strcmp(name, "hop") == 0)
		up_progress_hop(&up->progress, event);
	else if (strcmp(name, "forward") == 0)
		up_progress_forward(&up->progress, event);
	else if (strcmp(name, "another") == 0)
		up_progress_another(&up->progress, event);
	else if (strcmp(name, "result") == 0)
		up->status = supervise_worse(up->status,
					     up_progress_result(&up->progress, event, up->gave_up));
}

/* Returns whether the request was answered: false if its supervisor leaves, and took nothing. */
static bool watch(struct up *up)
{
	bool done = false;

	while (!done) {
		json_t *event = NULL;
		int error;
		const char *name = supervise_next(&up->talk, &event, &error);

		if (!name && error == -ESHUTDOWN)
			return false;
		if (!name) {
			done = !went_without_event(up, error);
			continue;
		}
		done = strcmp(name, "done") == 0 || (strcmp(name, "text") == 0 && send_text(up));
		if (*supervise_text(event, "history_trouble"))
			cli_note("%s", supervise_text(event, "history_trouble"));
		take_event(up, name, event);
		json_decref(event);
	}
	return true;
}

/* What follows from a logout, said by the `up` that starts the supervisor. */
static void warn_of_logout(const struct find_news *news)
{
	if (news->started && news->ends_at_logout)
		cli_note("a logout ends this: systemd then removes the directory of the control "
			 "sockets, and perhaps ends what is up; `loginctl enable-linger` keeps "
			 "both");
}

/* Connects to the supervisor that there is, or to a new one; ssh is asked about the hops meanwhile. */
static int find_supervisor_and_facts(struct up *up)
{
	int status = supervise_open(&up->talk, FIND_LOOK);

	if (status == EXIT_DONE)
		status = up_facts_begin(&up->facts, &up->talk);
	if (status == EXIT_DONE && up->talk.connection.fd < 0)
		status = supervise_open(&up->talk, FIND_START);
	if (status == EXIT_DONE)
		status = up_facts_export(&up->facts, &up->talk);
	return status;
}

/* Asks one supervisor. *ret_again: it leaves, and another is to be asked. */
static int ask(struct up *up, bool *ret_again)
{
	int status = find_supervisor_and_facts(up), error;

	*ret_again = false;
	if (status != EXIT_DONE)
		return status;
	warn_of_logout(&up->talk.news);
	catch_signals(up);
	status = send_up(up);
	if (status != EXIT_DONE || watch(up))
		return status;
	up_facts_forget(&up->facts);
	error = find_wait_gone(up->talk.connection.supervisor, &up->talk.patience);
	*ret_again = !error;
	return error ? supervise_gave_up(&up->talk, error) : EXIT_DONE;
}

static int bring_up(struct up *up)
{
	bool again = true;
	int status = EXIT_DONE;

	/* Who reads our output may be gone first: no reason to take the tunnel down. */
	signal(SIGPIPE, SIG_IGN);
	up_progress_init(&up->progress, up->cli->json, up->names, up->name_count,
			 up->asked_count > 1);
	while (again)
		status = ask(up, &again);
	if (up->talk.news.unwritable)
		cli_note("%s", up->talk.news.unwritable);
	status = supervise_worse(status, up->status);
	up_progress_finish(&up->progress, status);
	supervise_finish(&up->talk);
	return status;
}

/* The supervisor was started with it, and would take the usual way; a wrong name is told at every `up`. */
static int check_mux(void)
{
	char *fault = link_way_fault();

	if (!fault)
		return EXIT_DONE;
	cli_error("%s", fault);
	free(fault);
	return EXIT_USAGE;
}

/* Finds out what the words and the options mean. */
static int resolve(struct up *up, char **words, size_t count, struct targets *ret_targets)
{
	const struct option_list *without = &up->options.without;
	int status = targets_find(up->cli, &up->loaded, words, count, false, ret_targets);

	if (status == EXIT_DONE && ret_targets->incomplete)
		up->status = EXIT_TOPOLOGY;
	if (status == EXIT_DONE)
		status = targets_hosts(&up->loaded, without->items, without->count, &up->without);
	return status;
}

/* Plans what the words name, and brings that up. */
static int plan_and_bring_up(struct up *up, char **words, size_t word_count)
{
	struct targets targets;
	int status = resolve(up, words, word_count, &targets);

	if (status != EXIT_DONE)
		return status;
	plan_all(up, &targets);
	if (!up->name_count || up->options.dry_run)
		return up->status;
	return bring_up(up);
}

/* Loads the file, and says which host of it this is. */
static int begin(struct up *up)
{
	int status = check_mux();

	supervise_init(&up->talk, up->options.timeout_ms);
	if (status == EXIT_DONE)
		status = loaded_read(up->cli, &up->loaded);
	if (status == EXIT_DONE && loaded_require_me(&up->loaded) == TOPOLOGY_NONE)
		status = EXIT_USAGE;
	return status;
}

static int finish(struct up *up, int status)
{
	up_facts_finish(&up->facts);
	loaded_finish(&up->loaded);
	return status;
}

/* With the options taken. */
static int run_words(struct up *up, const char *name, int argc, char **argv)
{
	int status;

	if (argc == 1)
		return cli_usage(name, "which tunnel? `tunplan list` names them");
	status = begin(up);
	if (status == EXIT_DONE)
		status = plan_and_bring_up(up, argv + 1, (size_t)argc - 1);
	return finish(up, status);
}

static int run_up(struct cli *cli, int argc, char **argv)
{
	struct up up = {
		.cli = cli, .options.timeout_ms = -1, .says_without = true, .status = EXIT_DONE};
	int status = options_take(&command_up, &up.options, &argc, argv);

	return status == EXIT_DONE ? run_words(&up, "up", argc, argv) : status;
}

static int run_restart(struct cli *cli, int argc, char **argv)
{
	struct up up = {
		.cli = cli, .options = {.timeout_ms = -1, .renew = true}, .status = EXIT_DONE};
	int status = options_take(&command_restart, &up.options, &argc, argv);

	if (status != EXIT_DONE)
		return status;
	if (up.options.supervisor && argc > 1)
		return cli_usage("restart", "either tunnels or --supervisor");
	if (up.options.supervisor)
		return restart_supervisor(cli, up.options.timeout_ms);
	return run_words(&up, "restart", argc, argv);
}

/* Collects the names of what is up of the file, and is in it; says what is not any more. */
static char **collect_up(const struct up *up, const json_t *listed, size_t *ret_count)
{
	const struct topology *topology = up->loaded.topology;
	char **names = memory_array(json_array_size(listed) + 1, sizeof(*names));

	*ret_count = 0;
	for (size_t i = 0; i < json_array_size(listed); i++) {
		const json_t *tunnel = json_array_get(listed, i);
		const char *name = supervise_text(tunnel, "name");

		if (strcmp(supervise_text(tunnel, "file"), up->loaded.path) != 0 ||
		    strcmp(supervise_text(tunnel, "me"), topology->hosts[up->loaded.me].name) !=
			    0 ||
		    json_is_true(json_object_get(tunnel, "remembered")))
			continue;
		if (topology_spoils(topology, name))
			cli_note("%s stays as it is", name);
		else if (topology_tunnel(topology, name) == TOPOLOGY_NONE)
			cli_note("the file does not have %s any more: `tunplan down %s` ends it",
				 name, name);
		else
			names[(*ret_count)++] = memory_string(name);
	}
	return names;
}

/* Asks what there is, in a talk of its own; what a killed supervisor left is taken over before. */
static int ask_listed(const struct up *up, json_t **ret_listed)
{
	struct supervise talk;
	int status;

	supervise_init(&talk, up->options.timeout_ms);
	status = supervise_open(&talk, FIND_CLEAR);
	if (status == EXIT_DONE)
		status = supervise_list(&talk, ret_listed);
	supervise_finish(&talk);
	return status;
}

static int reload(struct up *up)
{
	json_t *listed;
	char **names;
	size_t count;
	int status = ask_listed(up, &listed);

	if (status != EXIT_DONE)
		return status;
	names = collect_up(up, listed, &count);
	json_decref(listed);
	if (count)
		status = plan_and_bring_up(up, names, count);
	else if (up->cli->json)
		result_print_json(json_pack("{s:[]}", "tunnels"));
	else
		fputs("nothing of this file was up\n", stderr);
	memory_free_strings(names);
	return status;
}

static int run_reload(struct cli *cli, int argc, char **argv)
{
	struct up up = {.cli = cli, .options.timeout_ms = -1, .status = EXIT_DONE};
	int status = options_take(&command_reload, &up.options, &argc, argv);

	if (status != EXIT_DONE)
		return status;
	status = begin(&up);
	if (status == EXIT_DONE)
		status = reload(&up);
	return finish(&up, status);
}

#define TIMEOUT                                                                 \
	{                                                                       \
		"--timeout", .kind = OPTION_SECONDS,                            \
			     .offset = offsetof(struct up_options, timeout_ms), \
			     .wants = "a number of seconds", .max = 86400       \
	}

static const struct option options[] = {
	{"--dry-run", .offset = offsetof(struct up_options, dry_run)},
	{"--no-wait", .offset = offsetof(struct up_options, no_wait)},
	{"--persist", .offset = offsetof(struct up_options, persist)},
	TIMEOUT,
	{"--without", .kind = OPTION_LIST, .offset = offsetof(struct up_options, without),
	 .wants = "a host"},
	{"--foreground", .kind = OPTION_LATER},
	{0},
};

static const struct option options_again[] = {TIMEOUT, {0}};

static const struct option options_restart[] = {
	{"--supervisor", .offset = offsetof(struct up_options, supervisor)},
	TIMEOUT,
	{0},
};

const struct command command_up = {"up", run_up, WORDS_ANY, options};
const struct command command_restart = {"restart", run_restart, WORDS_ANY, options_restart};
const struct command command_reload = {"reload", run_reload, 0, options_again};
