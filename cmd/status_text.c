#include "cmd/status_text.h"

#include <string.h>

#include "cmd/event_text.h"
#include "cmd/moment.h"
#include "cmd/supervise.h"
#include "exec/supervisor/report.h"
#include "planner/model/endpoint.h"

#define COLOR_OFF "\033[0m"

static const char *state_color(const char *state)
{
	static const struct {
		const char *state;
		const char *color;
	} colors[] = {
		{"up", "\033[32m"},
		{"failed", "\033[31m"},
		{"down", ""},
		/* Behind a hop that is not up. */
		{"waiting", "\033[2m"},
	};

	for (size_t i = 0; i < sizeof(colors) / sizeof(colors[0]); i++)
		if (strcmp(colors[i].state, state) == 0)
			return colors[i].color;
	return "\033[33m";
}

/* What is over is not told as if it were so now. */
static void add_past(const char *state, struct strbuf *text)
{
	strbuf_printf(text, "%s%s", strcmp(state, "failed") == 0 ? "" : "was ", state);
}

static void add_state(const char *state, bool color, struct strbuf *text)
{
	const char *on = color ? state_color(state) : "";

	strbuf_printf(text, "%s%s%s", on, state, *on ? COLOR_OFF : "");
}

/* Appends "2 h": the largest unit that fits is precise enough. */
static void add_duration(const json_t *seconds, struct strbuf *text)
{
	static const struct {
		long seconds;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	long value = (long)json_integer_value(seconds);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (value < units[i].seconds && units[i].seconds > 1)
			continue;
		strbuf_printf(text, "%ld %s", value / units[i].seconds, units[i].unit);
		return;
	}
}

static uint16_t port_of(const json_t *object)
{
	return (uint16_t)json_integer_value(json_object_get(object, "port"));
}

void status_end_text(const json_t *end, struct strbuf *text)
{
	const char *host = supervise_text(end, "host");

	if (json_is_string(end))
		strbuf_puts(text, json_string_value(end));
	else if (json_is_true(json_object_get(end, "socks")))
		strbuf_printf(text, "socks@%s", host);
	else if (!json_object_get(end, "port"))
		strbuf_printf(text, "%s:%s", host, supervise_text(end, "socket"));
	else
		endpoint_add(*host ? host : supervise_text(end, "address"), port_of(end), text);
}

void status_hop_address(const json_t *hop, struct strbuf *text)
{
	endpoint_add(supervise_text(hop, "address"), port_of(hop), text);
}

void status_error_text(const json_t *error, const char *indent, struct strbuf *text)
{
	const char *advice = supervise_text(error, "advice");

	strbuf_printf(text, "%s%s (%s)\n", indent, supervise_text(error, "text"),
		      supervise_text(error, "code"));
	if (*advice)
		strbuf_printf(text, "%swhat to do: %s\n", indent, advice);
}

static void add_answer(const json_t *verified_s, struct strbuf *text)
{
	if (!json_is_integer(verified_s)) {
		strbuf_puts(text, "  not probed");
		return;
	}
	if (json_integer_value(verified_s) < REPORT_FRESH_S)
		return;
	strbuf_puts(text, "  answered ");
	add_duration(verified_s, text);
	strbuf_puts(text, " ago");
}

void status_names(const json_t *names, struct strbuf *text)
{
	for (size_t i = 0; i < json_array_size(names); i++)
		strbuf_printf(text, "%s%s", i ? ", " : "",
			      json_string_value(json_array_get(names, i)));
}

bool status_is_inner(const json_t *forward)
{
	return json_is_true(json_object_get(forward, "inner"));
}

size_t status_entrances(const json_t *forwards)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(forwards); i++)
		count += !status_is_inner(json_array_get(forwards, i));
	return count;
}

/* alone: the tunnel's own state has said what there is to say of its only forward. */
static void add_forward(const json_t *forward, bool alone, struct strbuf *text)
{
	const char *state = supervise_text(forward, "state");

	if (json_is_string(forward)) {
		strbuf_puts(text, json_string_value(forward));
		return;
	}
	strbuf_printf(text, "%s -> ", supervise_text(forward, "listen"));
	status_end_text(json_object_get(forward, "egress"), text);
	if (strcmp(state, "up") == 0)
		add_answer(json_object_get(forward, "verified_s"), text);
	else if (strcmp(state, "unproven") == 0 || (!alone && strcmp(state, "silent") == 0))
		strbuf_printf(text, "  %s", state);
	if (json_is_object(json_object_get(forward, "doubt")))
		strbuf_puts(text, "  ingress unproven");
}

/* Returns the width of the widest "host" and "address:port" of the hops. */
static void measure_hops(const json_t *hops, int *ret_host, int *ret_address)
{
	struct strbuf address = {0};

	*ret_host = *ret_address = 0;
	for (size_t i = 0; i < json_array_size(hops); i++) {
		const json_t *hop = json_array_get(hops, i);
		int host = (int)strlen(supervise_text(hop, "host"));

		strbuf_clear(&address);
		status_hop_address(hop, &address);
		*ret_host = host > *ret_host ? host : *ret_host;
		*ret_address =
			(int)address.length > *ret_address ? (int)address.length : *ret_address;
	}
	strbuf_finish(&address);
}

/* Of a hop that is not up: how often that was tried in vain, and when it is tried next. */
static void add_attempts(const json_t *hop, struct strbuf *text)
{
	const json_t *next_try_s = json_object_get(hop, "next_try_s");
	const json_int_t attempts = json_integer_value(json_object_get(hop, "attempt"));

	if (attempts == 1)
		strbuf_puts(text, "  tried once");
	else if (attempts)
		strbuf_printf(text, "  tried %d times", (int)attempts);
	if (!json_is_integer(next_try_s))
		return;
	strbuf_puts(text, attempts ? ", next in " : "  tried in ");
	add_duration(next_try_s, text);
}

bool status_is_wait(const json_t *hop)
{
	static const char *const states[] = {"connecting", "authenticating"};
	static const char *const codes[] = {"agent", "ssh_stopped"};
	const char *state = supervise_text(hop, "state");
	const char *code = supervise_text(json_object_get(hop, "error"), "code");

	return (strcmp(state, states[0]) == 0 || strcmp(state, states[1]) == 0) &&
	       (strcmp(code, codes[0]) == 0 || strcmp(code, codes[1]) == 0);
}

/* past: it is how they were when their tunnel failed. */
static void add_hops(const json_t *hops, bool past, bool color, struct strbuf *text)
{
	int host_width, address_width;

	measure_hops(hops, &host_width, &address_width);
	for (size_t i = 0; i < json_array_size(hops); i++) {
		const json_t *hop = json_array_get(hops, i);
		struct strbuf address = {0};

		status_hop_address(hop, &address);
		strbuf_printf(text, "  %-*s  %-*s  ", host_width, supervise_text(hop, "host"),
			      address_width, strbuf_text(&address));
		if (past)
			add_past(supervise_text(hop, "state"), text);
		else
			add_state(supervise_text(hop, "state"), color, text);
		if (json_is_integer(json_object_get(hop, "pid")))
			strbuf_printf(text, "  pid %d",
				      (int)json_integer_value(json_object_get(hop, "pid")));
		add_attempts(hop, text);
		strbuf_puts(text, "\n");
		if (!past && status_is_wait(hop))
			status_error_text(json_object_get(hop, "error"), "      ", text);
		if (!past && json_is_object(json_object_get(hop, "rule")))
			status_error_text(json_object_get(hop, "rule"), "      ", text);
		strbuf_finish(&address);
	}
}

static void add_same_hops(const json_t *hops, bool past, bool color, struct status_hops *same,
			  struct strbuf *text)
{
	if (!hops || hops != same->of || past != same->past) {
		strbuf_clear(&same->text);
		add_hops(hops, past, color, &same->text);
		same->of = hops;
		same->past = past;
	}
	strbuf_add(text, strbuf_text(&same->text), same->text.length);
}

/*
 * Why a forward does not work, or else what is not known of it; NULL: there is nothing to say. What is behind a joint is told
 * of the forward that leads there.
 */
static const json_t *trouble_of(const json_t *forward)
{
	const json_t *error = json_object_get(forward, "error");
	const json_t *doubt = json_object_get(forward, "doubt");

	if (json_is_object(error) && !status_is_inner(forward))
		return error;
	return json_is_object(doubt) ? doubt : NULL;
}

/* The first thing that is broken, in its own words: a hop, else a forward, else a silent egress; or not known. */
static void add_trouble(const json_t *tunnel, struct strbuf *text)
{
	const json_t *error = json_object_get(tunnel, "error");
	const json_t *forwards = json_object_get(tunnel, "forwards");

	if (json_is_object(error)) {
		strbuf_printf(text, "    trouble with %s:\n",
			      *supervise_text(error, "host") ? supervise_text(error, "host")
							     : "this tunnel");
		status_error_text(error, "      ", text);
		return;
	}
	for (size_t i = 0; i < json_array_size(forwards); i++) {
		const json_t *forward = json_array_get(forwards, i);

		error = trouble_of(forward);
		if (!error)
			continue;
		strbuf_printf(text, "    %s:\n", supervise_text(forward, "listen"));
		status_error_text(error, "      ", text);
	}
}

/* What `up` would make of a tunnel that is up by an older text of its file. */
static void add_change(const char *change, const char *name, struct strbuf *text)
{
	static const struct {
		const char *change;
		const char *before, *after; /* of the name */
	} changes[] = {
		{"replanned", "the file has another plan for it by now: `tunplan up ",
		 "` replaces it, `tunplan reload` all that have changed"},
		{"removed", "the file does not have it any more: `tunplan down ", "` ends it"},
		{"refused", "the file has no plan for it any more: `tunplan up ",
		 "` would change nothing"},
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (strcmp(changes[i].change, change) == 0)
			strbuf_printf(text, "    %s%s%s\n", changes[i].before, name,
				      changes[i].after);
}

/* Who is left out, though the path through them is the better one. */
static void add_left_out(const json_t *tunnel, struct strbuf *text)
{
	const json_t *left_out = json_object_get(tunnel, "left_out");
	const json_t *hops = json_object_get(tunnel, "hops");
	const size_t count = json_array_size(left_out);

	if (!count)
		return;
	strbuf_puts(text, "    by ");
	for (size_t i = 0; i < json_array_size(hops); i++)
		strbuf_printf(text, "%s%s", i ? ", " : "",
			      supervise_text(json_array_get(hops, i), "host"));
	strbuf_puts(text, ": ");
	status_names(left_out, text);
	strbuf_puts(text, count > 1 ? " are left out, because they did not answer\n"
				    : " is left out, because it did not answer\n");
}

/* Whom its `up` did not want to be passed. */
static void add_without(const json_t *tunnel, struct strbuf *text)
{
	const json_t *without = json_object_get(tunnel, "without");

	if (!json_array_size(without))
		return;
	strbuf_puts(text, "    without ");
	status_names(without, text);
	strbuf_puts(text, ", as `up --without` asked\n");
}

/* What of it changed last, if that was asked for. */
static void add_changes(const json_t *tunnel, struct strbuf *text)
{
	const json_t *changes = json_object_get(tunnel, "changes");

	for (size_t i = 0; i < json_array_size(changes); i++) {
		const json_t *change = json_array_get(changes, i);

		strbuf_puts(text, "    ");
		moment_text((int64_t)json_integer_value(json_object_get(change, "at_ms")), text);
		strbuf_puts(text, "  ");
		event_change_text(change, text);
		strbuf_puts(text, "\n");
	}
}

void status_text(const json_t *tunnel, bool with_file, bool color, struct status_hops *hops,
		 struct strbuf *text)
{
	const json_t *forwards = json_object_get(tunnel, "forwards");
	const char *name = supervise_text(tunnel, "name");
	const bool one = status_entrances(forwards) == 1;

	strbuf_printf(text, "%s  ", name);
	add_state(supervise_text(tunnel, "state"), color, text);
	if (json_is_integer(json_object_get(tunnel, "since_s"))) {
		strbuf_puts(text, " for ");
		add_duration(json_object_get(tunnel, "since_s"), text);
	}
	if (with_file && *supervise_text(tunnel, "file"))
		strbuf_printf(text, "  (%s)", supervise_text(tunnel, "file"));
	for (size_t i = 0; i < json_array_size(forwards); i++) {
		if (status_is_inner(json_array_get(forwards, i)))
			continue;
		strbuf_puts(text, one ? "  " : "\n  ");
		add_forward(json_array_get(forwards, i), one, text);
	}
	strbuf_puts(text, "\n");
	add_same_hops(json_object_get(tunnel, "hops"),
		      json_is_true(json_object_get(tunnel, "remembered")), color, hops, text);
	add_without(tunnel, text);
	add_left_out(tunnel, text);
	add_change(supervise_text(tunnel, "file_change"), supervise_text(tunnel, "name"), text);
	add_trouble(tunnel, text);
	add_changes(tunnel, text);
}
