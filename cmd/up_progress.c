#include "cmd/up_progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cli.h"
#include "cmd/result.h"
#include "cmd/status_text.h"
#include "cmd/supervise.h"
#include "topology/base/strbuf.h"

void up_progress_init(struct up_progress *progress, bool json, size_t count, const char *name)
{
	*progress = (struct up_progress){
		.many = count > 1,
		.json = json,
		.live = !json && count == 1 && isatty(STDERR_FILENO),
		.doing = json_object(),
		.shown = json_object(),
		.results = json_array(),
	};
	if (!progress->many && !json)
		fprintf(stderr, "%s\n", name);
}

/* Takes away the line that shows what is under way. */
static void clear_live(struct up_progress *progress)
{
	if (progress->live_line)
		fputs("\r\033[K", stderr);
	progress->live_line = false;
}

void up_progress_finish(struct up_progress *progress)
{
	clear_live(progress);
	if (progress->json)
		result_print_json(json_pack("{s:O}", "tunnels", progress->results));
	json_decref(progress->doing);
	json_decref(progress->shown);
	json_decref(progress->results);
}

/* Whether that part of the tunnel is in another state than was shown last. */
static bool is_news(struct up_progress *progress, const char *tunnel, const char *part,
		    const char *state)
{
	struct strbuf key = {0};
	bool news;

	strbuf_printf(&key, "%s %s", tunnel, part);
	news = strcmp(supervise_text(progress->shown, strbuf_text(&key)), state) != 0;
	json_object_set_new(progress->shown, strbuf_text(&key), json_string(state));
	strbuf_finish(&key);
	return news;
}

static void print_line(struct up_progress *progress, const char *tunnel, const char *mark,
		       const char *text)
{
	clear_live(progress);
	if (progress->many)
		fprintf(stderr, "%s: %-8s%s\n", tunnel, mark, text);
	else
		fprintf(stderr, "  %-8s%s\n", mark, text);
}

static void set_doing(struct up_progress *progress, const char *tunnel, const char *text)
{
	json_object_set_new(progress->doing, tunnel, json_string(text));
	if (!progress->live)
		return;
	clear_live(progress);
	fprintf(stderr, "  %-8s%s", "...", text);
	fflush(stderr);
	progress->live_line = true;
}

/* The states that are worth a line, and its mark; the others are only "under way". */
static const char *hop_mark(const char *state)
{
	if (strcmp(state, "up") == 0)
		return "ok";
	if (strcmp(state, "failed") == 0 || strcmp(state, "lost") == 0)
		return "FAILED";
	return NULL;
}

/* Columns that fit most names and addresses: what comes later is not known yet. */
static void add_hop(const json_t *hop, bool was_up, struct strbuf *text)
{
	struct strbuf address = {0};

	status_hop_address(hop, &address);
	strbuf_printf(text, "%-15s %-20s ", supervise_text(hop, "host"), strbuf_text(&address));
	if (was_up)
		strbuf_puts(text, "was up already");
	else
		strbuf_printf(text, "%6d ms", (int)json_integer_value(json_object_get(hop, "ms")));
	strbuf_finish(&address);
}

void up_progress_hop(struct up_progress *progress, const json_t *event)
{
	const json_t *hop = json_object_get(event, "hop");
	const char *tunnel = supervise_text(event, "tunnel");
	const char *state = supervise_text(hop, "state");
	const char *host = supervise_text(hop, "host");
	const char *mark = hop_mark(state);
	const char *code = supervise_text(json_object_get(hop, "error"), "code");
	struct strbuf text = {0};

	if (progress->json || !is_news(progress, tunnel, supervise_text(hop, "id"), state))
		return;
	/* Hops behind the failed one have nothing to say of their own. */
	if (mark && strcmp(code, "parent") != 0) {
		add_hop(hop, json_is_true(json_object_get(event, "was_up")), &text);
		print_line(progress, tunnel, mark, strbuf_text(&text));
	} else if (strcmp(state, "connecting") == 0 || strcmp(state, "authenticating") == 0) {
		strbuf_printf(&text, "%s, %s", host, state);
		set_doing(progress, tunnel, strbuf_text(&text));
	}
	strbuf_finish(&text);
}

static const char *forward_mark(const char *state)
{
	if (strcmp(state, "up") == 0)
		return "ok";
	if (strcmp(state, "silent") == 0)
		return "silent";
	return strcmp(state, "failed") == 0 ? "FAILED" : NULL;
}

void up_progress_forward(struct up_progress *progress, const json_t *event)
{
	const json_t *forward = json_object_get(event, "forward");
	const char *tunnel = supervise_text(event, "tunnel");
	const char *state = supervise_text(forward, "state");
	const char *listen = supervise_text(forward, "listen");
	const char *mark = forward_mark(state);
	const char *code = supervise_text(json_object_get(forward, "error"), "code");
	struct strbuf text = {0};

	if (progress->json || status_is_inner(forward) || !is_news(progress, tunnel, listen, state))
		return;
	strbuf_printf(&text, "%s -> ", listen);
	status_end_text(json_object_get(forward, "egress"), &text);
	if (mark && strcmp(code, "parent") != 0)
		print_line(progress, tunnel, mark, strbuf_text(&text));
	else if (strcmp(state, "opening") == 0 || strcmp(state, "probing") == 0)
		set_doing(progress, tunnel, strbuf_text(&text));
	strbuf_finish(&text);
}

static void print_ingresses(const json_t *forwards)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < json_array_size(forwards); i++) {
		const json_t *forward = json_array_get(forwards, i);

		if (!status_is_inner(forward))
			strbuf_printf(&text, "%s\n", supervise_text(forward, "listen"));
	}
	result_print(&text);
}

static void print_error(const json_t *error)
{
	struct strbuf text = {0};

	status_error_text(error, "  ", &text);
	fputs(strbuf_text(&text), stderr);
	strbuf_finish(&text);
}

static void print_silent(const char *tunnel, const json_t *forwards)
{
	for (size_t i = 0; i < json_array_size(forwards); i++) {
		const json_t *forward = json_array_get(forwards, i);
		const json_t *error = json_object_get(forward, "error");
		struct strbuf egress = {0};

		if (json_is_null(error))
			continue;
		status_end_text(json_object_get(forward, "egress"), &egress);
		cli_error("%s is up, but its egress is silent: %s", tunnel, strbuf_text(&egress));
		print_error(error);
		strbuf_finish(&egress);
	}
}

static void print_failed(const struct up_progress *progress, const json_t *event,
			 const char *gave_up)
{
	const json_t *error = json_object_get(event, "error");
	const char *tunnel = supervise_text(event, "tunnel");
	const char *host = supervise_text(error, "host");
	const char *doing = supervise_text(progress->doing, tunnel);

	if (gave_up && strcmp(supervise_text(event, "state"), "starting") == 0) {
		cli_error("%s: %s; another `tunplan up` still waits for it", tunnel, gave_up);
		return;
	}
	if (gave_up && strcmp(supervise_text(error, "code"), "stopped") == 0) {
		cli_error("%s: %s%s%s", tunnel, gave_up, *doing ? "; it got as far as: " : "",
			  doing);
		return;
	}
	cli_error("%s is not up%s%s%s", tunnel, *host ? " (host " : "", host, *host ? ")" : "");
	print_error(error);
}

static void print_left(const json_t *left)
{
	for (size_t i = 0; i < json_array_size(left); i++)
		cli_error("left behind: %s", json_string_value(json_array_get(left, i)));
}

int up_progress_result(struct up_progress *progress, const json_t *event, const char *gave_up)
{
	json_t *status = json_object_get(event, "status");
	const json_t *forwards = json_object_get(status, "forwards");
	const char *state = supervise_text(event, "state");
	bool up = strcmp(state, "up") == 0;
	bool silent = strcmp(state, "silent") == 0;
	bool starting = strcmp(state, "starting") == 0;

	clear_live(progress);
	if (status)
		json_array_append(progress->results, status);
	if (progress->json)
		return up || (starting && !gave_up) ? EXIT_DONE
						    : (silent ? EXIT_SILENT : EXIT_FAILED);
	if (starting && !gave_up)
		return EXIT_DONE;
	if (up || silent)
		print_ingresses(forwards);
	else
		print_failed(progress, event, gave_up);
	if (silent)
		print_silent(supervise_text(event, "tunnel"), forwards);
	print_left(json_object_get(event, "left"));
	return up ? EXIT_DONE : (silent ? EXIT_SILENT : EXIT_FAILED);
}
