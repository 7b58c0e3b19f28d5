#include "cmd/up_progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cli.h"
#include "cmd/left.h"
#include "cmd/result.h"
#include "cmd/status_text.h"
#include "cmd/supervise.h"
#include "cmd/terminal.h"
#include "topology/base/strbuf.h"

void up_progress_init(struct up_progress *progress, bool json, const char *const *names,
		      size_t count, bool named)
{
	*progress = (struct up_progress){
		.names = names,
		.count = count,
		.named = named,
		.json = json,
		.live = !json && count == 1 && isatty(STDERR_FILENO),
		.doing = json_object(),
		.shown = json_object(),
		.results = json_object(),
	};
	if (count == 1 && !json)
		fprintf(stderr, "%s\n", names[0]);
}

static bool is_up(const char *state)
{
	return strcmp(state, "up") == 0 || strcmp(state, "silent") == 0;
}

/* Takes away the line that shows what is under way. */
static void clear_live(struct up_progress *progress)
{
	if (progress->live_line)
		fputs("\r\033[K", stderr);
	progress->live_line = false;
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
	if (progress->json)
		return;
	clear_live(progress);
	if (progress->count > 1)
		fprintf(stderr, "%s: %-8s%s\n", tunnel, mark, text);
	else
		fprintf(stderr, "  %-8s%s\n", mark, text);
}

static void set_doing(struct up_progress *progress, const char *tunnel, const char *text)
{
	struct strbuf line = {0};

	json_object_set_new(progress->doing, tunnel, json_string(text));
	if (!progress->live)
		return;
	clear_live(progress);
	/* Of a line that the terminal breaks, only the last part could be taken away again. */
	strbuf_printf(&line, "  %-8s%s", "...", text);
	terminal_cut(&line, terminal_width(STDERR_FILENO) - 1);
	fputs(strbuf_text(&line), stderr);
	strbuf_finish(&line);
	progress->live_line = true;
}

/* The states that are worth a line, and its mark; the others are only "under way". */
static const char *hop_mark(const char *state, bool tries_again)
{
	if (strcmp(state, "up") == 0)
		return "ok";
	if (strcmp(state, "retry") == 0)
		return tries_again ? "retry" : "FAILED";
	return NULL;
}

/* Columns that fit most names and addresses: what comes later is not known yet. */
static void add_hop(const json_t *hop, const char *mark, bool was_up, struct strbuf *text)
{
	struct strbuf address = {0};

	status_hop_address(hop, &address);
	strbuf_printf(text, "%-15s %-20s ", supervise_text(hop, "host"), strbuf_text(&address));
	if (was_up)
		strbuf_puts(text, "was up already");
	else if (strcmp(mark, "retry") == 0)
		strbuf_puts(text, supervise_text(json_object_get(hop, "error"), "text"));
	else
		strbuf_printf(text, "%6d ms", (int)json_integer_value(json_object_get(hop, "ms")));
	strbuf_finish(&address);
}

/* Why a part is not up that is awaited or tried again, and what to do. */
static void print_why(struct up_progress *progress, const char *tunnel, const char *mark,
		      const json_t *error)
{
	const char *advice = supervise_text(error, "advice");

	print_line(progress, tunnel, mark, supervise_text(error, "text"));
	if (*advice)
		print_line(progress, tunnel, "", advice);
}

static void tell_wait(struct up_progress *progress, const char *tunnel, const char *host,
		      const json_t *error)
{
	if (progress->live || !is_news(progress, tunnel, host, supervise_text(error, "code")))
		return;
	print_why(progress, tunnel, "waits", error);
}

void up_progress_hop(struct up_progress *progress, const json_t *event)
{
	const json_t *hop = json_object_get(event, "hop");
	const char *tunnel = supervise_text(event, "tunnel");
	const char *state = supervise_text(hop, "state");
	const char *host = supervise_text(hop, "host");
	const bool tries_again = json_is_true(json_object_get(event, "tries_again"));
	const char *mark = hop_mark(state, tries_again);
	const json_t *error = json_object_get(hop, "error");
	struct strbuf text = {0};

	/* Hops behind the failed one have nothing to say of their own. */
	if (mark && strcmp(supervise_text(error, "code"), "parent") != 0) {
		add_hop(hop, mark, json_is_true(json_object_get(event, "was_up")), &text);
		if (is_news(progress, tunnel, supervise_text(hop, "id"), strbuf_text(&text)))
			print_line(progress, tunnel, mark, strbuf_text(&text));
	} else if (strcmp(state, "connecting") == 0 || strcmp(state, "authenticating") == 0) {
		strbuf_printf(&text, "%s, %s", host, state);
		if (json_is_object(error))
			strbuf_printf(&text, ": %s", supervise_text(error, "text"));
		set_doing(progress, tunnel, strbuf_text(&text));
		if (status_is_wait(hop))
			tell_wait(progress, tunnel, host, error);
	}
	strbuf_finish(&text);
}

void up_progress_another(struct up_progress *progress, const json_t *event)
{
	const char *host = supervise_text(event, "host");
	struct strbuf text = {0};

	if (*host)
		strbuf_printf(&text, "%s does not answer: ", host);
	strbuf_puts(&text, "by ");
	status_names(json_object_get(event, "by"), &text);
	print_line(progress, supervise_text(event, "tunnel"), "next", strbuf_text(&text));
	strbuf_finish(&text);
}

static const char *forward_mark(const char *state)
{
	if (strcmp(state, "up") == 0)
		return "ok";
	if (strcmp(state, "silent") == 0)
		return "silent";
	if (strcmp(state, "unproven") == 0)
		return "open";
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

	/* A listener that is up may lead to one that is not yet. */
	const bool leads =
		strcmp(state, "up") != 0 || !json_is_null(json_object_get(forward, "egress_state"));

	if (status_is_inner(forward) || !leads || !is_news(progress, tunnel, listen, state))
		return;
	strbuf_printf(&text, "%s -> ", listen);
	status_end_text(json_object_get(forward, "egress"), &text);
	if (mark && strcmp(code, "parent") != 0) {
		print_line(progress, tunnel, mark, strbuf_text(&text));
		/* Else that is the reason why the command fails, which it says at its end. */
		if (strcmp(state, "failed") == 0 &&
		    json_is_true(json_object_get(event, "tries_again")))
			print_why(progress, tunnel, "", json_object_get(forward, "error"));
	} else if (strcmp(state, "opening") == 0 || strcmp(state, "probing") == 0) {
		set_doing(progress, tunnel, strbuf_text(&text));
	}
	strbuf_finish(&text);
}

static void print_error(const json_t *error)
{
	struct strbuf text = {0};

	status_error_text(error, "  ", &text);
	fputs(strbuf_text(&text), stderr);
	strbuf_finish(&text);
}

/* Of a forward that listens: that its egress is silent, unproven, or was not asked, with the reason. */
static void print_egress(const char *tunnel, const json_t *forward)
{
	const char *state = supervise_text(forward, "egress_state");
	const json_t *error = json_object_get(forward, "error");
	struct strbuf egress = {0};

	/* What is behind a joint is told of the forward that leads there. */
	if (!*state || strcmp(state, "reached") == 0 || status_is_inner(forward))
		return;
	status_end_text(json_object_get(forward, "egress"), &egress);
	cli_error("%s is up, but its egress is %s: %s", tunnel, state, strbuf_text(&egress));
	if (json_is_object(error))
		print_error(error);
	strbuf_finish(&egress);
}

/* And that it is not known whether it listens where it was to, and nowhere else. */
static void print_listener(const char *tunnel, const json_t *forward)
{
	const json_t *doubt = json_object_get(forward, "doubt");

	if (!json_is_object(doubt))
		return;
	cli_error("%s is up, but its ingress is unproven: %s", tunnel,
		  supervise_text(forward, "listen"));
	print_error(doubt);
}

/* What is not known to work of a tunnel that is up. */
static void print_doubts(const char *tunnel, const json_t *forwards)
{
	for (size_t i = 0; i < json_array_size(forwards); i++) {
		print_egress(tunnel, json_array_get(forwards, i));
		print_listener(tunnel, json_array_get(forwards, i));
	}
}

/*
 * Returns why a tunnel is not up, {"code","text","advice"}, or NULL when it is, or still starts as was
 * wanted. For whom gave up, that is the reason, and not how the supervisor took down what there was.
 * A new reference.
 */
static json_t *find_reason(const struct up_progress *progress, const json_t *event,
			   const char *gave_up)
{
	json_t *error = json_object_get(event, "error");
	const char *state = supervise_text(event, "state");
	const char *doing = supervise_text(progress->doing, supervise_text(event, "tunnel"));
	const bool starting = strcmp(state, "starting") == 0;
	const bool reconnecting = strcmp(state, "reconnecting") == 0;
	/* With our own words, if it has failed by that. */
	const bool stopped = strcmp(supervise_text(error, "code"), "stopped") == 0 ||
			     (gave_up && strcmp(supervise_text(error, "text"), gave_up) == 0);
	const char *more = "", *detail = "";

	if (is_up(state) || (starting && !gave_up))
		return NULL;
	if (!gave_up || !(starting || reconnecting || stopped))
		return json_incref(error);
	if (starting)
		more = "; it is still being brought up";
	else if (reconnecting)
		more = ": ", detail = supervise_text(error, "text");
	else if (*doing)
		more = "; it got as far as: ", detail = doing;
	return json_pack("{s:s, s:o, s:n}", "code",
			 strcmp(gave_up, "interrupted") == 0 ? gave_up : "timeout", "text",
			 json_sprintf("%s%s%s", gave_up, more, detail), "advice");
}

/* What has become of a tunnel that is not as it was to be: a restart was to give it a new ssh, a changed file another plan. */
static const char *what_failed(const json_t *event)
{
	if (!json_is_true(json_object_get(event, "goes_on")))
		return "is not up";
	return *supervise_text(event, "lacks") ? "has no new ssh" : "is not as the file says now";
}

static void print_failed(const json_t *event, const json_t *reason)
{
	const char *tunnel = supervise_text(event, "tunnel"),
		   *state = supervise_text(event, "state");
	const char *host = supervise_text(reason, "host");

	cli_error("%s %s%s%s%s", tunnel, what_failed(event), *host ? " (host " : "", host,
		  *host ? ")" : "");
	print_error(reason);
	if (strcmp(state, "reconnecting") == 0)
		fputs("  it is tried again by itself: see `tunplan status`\n", stderr);
	if (json_is_true(json_object_get(event, "goes_on")))
		fprintf(stderr, "  %s goes on as it was\n", tunnel);
}

/* Keeps what a result says of its tunnel, for the end. */
static void keep_result(struct up_progress *progress, const json_t *event, json_t *reason)
{
	const char *tunnel = supervise_text(event, "tunnel");
	json_t *status = json_object_get(event, "status");
	json_t *kept = status ? json_copy(status)
			      : json_pack("{s:s, s:s, s:[], s:[]}", "name", tunnel, "state",
					  supervise_text(event, "state"), "forwards", "hops");

	json_object_set_new(kept, "error", reason ? json_incref(reason) : json_null());
	json_object_set(kept, "left", json_object_get(event, "left"));
	if (json_is_true(json_object_get(event, "goes_on")))
		json_object_set(kept, "goes_on", json_true());
	json_object_set_new(progress->results, tunnel, kept);
}

int up_progress_result(struct up_progress *progress, const json_t *event, const char *gave_up)
{
	const char *tunnel = supervise_text(event, "tunnel");
	const bool silent = strcmp(supervise_text(event, "state"), "silent") == 0;
	json_t *reason = find_reason(progress, event, gave_up);
	const int status = reason ? EXIT_FAILED : silent ? EXIT_SILENT : EXIT_DONE;

	keep_result(progress, event, reason);
	clear_live(progress);
	if (!progress->json) {
		if (reason)
			print_failed(event, reason);
		else
			print_doubts(tunnel,
				     json_object_get(json_object_get(event, "status"), "forwards"));
		left_print(json_object_get(event, "left"), NULL);
	}
	json_decref(reason);
	return status;
}

/* Appends the ingresses of a tunnel that is up, with its name where there are several to tell apart. */
static void add_ingresses(const struct up_progress *progress, const json_t *result,
			  struct strbuf *text)
{
	const json_t *forwards = json_object_get(result, "forwards");
	const bool named = progress->named || status_entrances(forwards) > 1;

	if (!is_up(supervise_text(result, "state")))
		return;
	for (size_t i = 0; i < json_array_size(forwards); i++) {
		const json_t *forward = json_array_get(forwards, i);

		if (!status_is_inner(forward))
			strbuf_printf(text, "%s%s%s\n", named ? supervise_text(result, "name") : "",
				      named ? " " : "", supervise_text(forward, "listen"));
	}
}

static void print_ingresses(const struct up_progress *progress)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < progress->count; i++)
		add_ingresses(progress, json_object_get(progress->results, progress->names[i]),
			      &text);
	result_print(&text);
}

/* "error" is why the first of them failed that did, else why the command did. */
static void print_json(const struct up_progress *progress, int status)
{
	json_t *tunnels = json_array(), *error = NULL;

	for (size_t i = 0; i < progress->count; i++) {
		json_t *result = json_object_get(progress->results, progress->names[i]);
		json_t *reason = json_object_get(result, "error");

		if (result)
			json_array_append(tunnels, result);
		if (!error && json_is_object(reason))
			error = json_incref(reason);
	}
	result_print_json(json_pack("{s:o, s:o*}", "tunnels", tunnels, "error",
				    error ? error : cli_why(status)));
}

void up_progress_finish(struct up_progress *progress, int status)
{
	clear_live(progress);
	if (progress->json)
		print_json(progress, status);
	else
		print_ingresses(progress);
	json_decref(progress->doing);
	json_decref(progress->shown);
	json_decref(progress->results);
}
