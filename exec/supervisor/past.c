#include "exec/supervisor/past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/protocol.h"
#include "exec/system/history_file.h"
#include "exec/tunnel/history_note.h"
#include "topology/base/memory.h"

/* --- lines ----------------------------------------------------------------------------------- */

static const char *text_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

static int64_t number_of(const json_t *line, const char *key)
{
	return (int64_t)json_integer_value(json_object_get(line, key));
}

static bool is_state(const json_t *line, const char *state)
{
	return strcmp(text_of(line, "state"), state) == 0;
}

static bool is_supervisor(const json_t *line)
{
	return json_is_integer(json_object_get(line, "supervisor"));
}

static bool is_tunnel(const json_t *line)
{
	return json_is_string(json_object_get(line, "tunnel"));
}

static bool is_hop(const json_t *line)
{
	return json_is_integer(json_object_get(line, "hop"));
}

/* Whether it has what every line has, and is of a version that this program can read. */
static bool is_line(const json_t *line)
{
	return number_of(line, "v") == HISTORY_NOTE_VERSION &&
	       json_is_integer(json_object_get(line, "at")) &&
	       json_is_string(json_object_get(line, "state")) &&
	       (is_supervisor(line) || is_tunnel(line) || is_hop(line));
}

/* From here on, what was up under the supervisor before counts no more. */
static bool is_start(const json_t *line)
{
	return is_supervisor(line) && (is_state(line, "started") || is_state(line, "goes_on"));
}

static bool is_standing(const json_t *line)
{
	return json_is_true(json_object_get(line, "standing")) ||
	       (is_supervisor(line) && is_state(line, "goes_on"));
}

/* Returns a number of the line as a key; in a buffer of the caller's. */
static const char *key_of(int64_t number, char buffer[32])
{
	snprintf(buffer, 32, "%lld", (long long)number);
	return buffer;
}

/* Gives the line of a tunnel its "id". */
static void add_id(json_t *line)
{
	char *id = protocol_id(text_of(line, "file"), text_of(line, "tunnel"), text_of(line, "me"));

	json_object_set_new(line, "id", json_string(id));
	free(id);
}

void past_parse(const char *text, struct past *ret_past)
{
	*ret_past = (struct past){.lines = json_array()};
	while (*text) {
		const size_t length = strcspn(text, "\n");
		json_t *line = json_loadb(text, length, 0, NULL);

		text += length + (text[length] == '\n');
		if (is_line(line)) {
			if (is_tunnel(line))
				add_id(line);
			json_array_append(ret_past->lines, line);
		}
		json_decref(line);
	}
}

int past_read(struct past *ret_past, char **ret_why)
{
	struct runtime runtime = {0};
	struct strbuf text = {0};
	const int error = runtime_open(RUNTIME_LOOK, &runtime, ret_why);
	char *path;

	if (error)
		return error;
	path = runtime_state_path(&runtime, "history");
	history_file_read(path, &text);
	past_parse(strbuf_text(&text), ret_past);
	ret_past->written_ms = history_file_touched_ms(path);
	free(path);
	strbuf_finish(&text);
	runtime_finish(&runtime);
	return 0;
}

void past_finish(struct past *past)
{
	json_decref(past->lines);
	*past = (struct past){0};
}

/* --- whom it tells of ------------------------------------------------------------------------ */

static json_t *identity(const json_t *line, const char *state)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", text_of(line, "id"), "name",
			 text_of(line, "tunnel"), "file", text_of(line, "file"), "me",
			 text_of(line, "me"), "state", state);
}

json_t *past_tunnels(const struct past *past)
{
	json_t *tunnels = json_array(), *known = json_object(), *line;
	size_t i;

	json_array_foreach(past->lines, i, line)
	{
		if (!is_tunnel(line) || json_object_get(known, text_of(line, "id")))
			continue;
		json_object_set_new(known, text_of(line, "id"), json_true());
		json_array_append_new(tunnels, identity(line, "down"));
	}
	json_decref(known);
	return tunnels;
}

/* --- what happened --------------------------------------------------------------------------- */

/* One way through the lines, for those who ask for some of the tunnels. */
struct choosing {
	const json_t *ids; /* NULL: all */
	int64_t since_ms;
	json_t *hops; /* number of a hop -> the runs of chosen tunnels that go through it, as keys */
	json_t *events;  /* what is chosen */
	json_t *pending; /* the start of a supervisor of which nothing is chosen yet; or NULL */
	bool any;        /* something of this supervisor is chosen */
};

/* Moves keys of a line to an object, where they are there, some by other names. */
static void take(const json_t *line, const char *const (*keys)[2], json_t *event)
{
	for (; (*keys)[0]; keys++) {
		json_t *value = json_object_get(line, (*keys)[0]);

		if (value)
			json_object_set(event, (*keys)[1], value);
	}
}

static json_t *event_of(const json_t *line)
{
	static const char *const tunnel[][2] = {
		{"id", "id"},       {"tunnel", "name"}, {"file", "file"}, {"me", "me"},
		{"from", "from"},   {"state", "state"}, {"by", "by"},     {"as", "as"},
		{"error", "error"}, {NULL, NULL},
	};
	static const char *const hop[][2] = {
		{"host", "host"},   {"address", "address"}, {"port", "port"},   {"from", "from"},
		{"state", "state"}, {"tries", "tries"},     {"error", "error"}, {NULL, NULL},
	};
	static const char *const supervisor[][2] = {
		{"supervisor", "pid"}, {"state", "state"},      {"signal", "signal"},
		{"boot", "boot"},      {"booted", "booted_ms"}, {"alive", "alive_ms"},
		{NULL, NULL},
	};
	const char *what = is_tunnel(line) ? "tunnel" : is_hop(line) ? "hop" : "supervisor";
	json_t *event = json_pack("{s:O, s:s}", "at_ms", json_object_get(line, "at"), "what", what);

	take(line, is_tunnel(line) ? tunnel : is_hop(line) ? hop : supervisor, event);
	return event;
}

static bool is_chosen_tunnel(const struct choosing *choosing, const json_t *line)
{
	return !choosing->ids || json_object_get(choosing->ids, text_of(line, "id"));
}

/* Notes through which hops a chosen tunnel goes, or that it has ended. */
static void note_hops(struct choosing *choosing, const json_t *line)
{
	const json_t *hops = json_object_get(line, "hops");
	char run[32], hop[32];
	json_t *runs;
	const char *key;

	key_of(number_of(line, "run"), run);
	for (size_t i = 0; i < json_array_size(hops); i++) {
		key_of((int64_t)json_integer_value(json_array_get(hops, i)), hop);
		if (!json_object_get(choosing->hops, hop))
			json_object_set_new(choosing->hops, hop, json_object());
		json_object_set_new(json_object_get(choosing->hops, hop), run, json_true());
	}
	if (!is_state(line, "down"))
		return;
	json_object_foreach(choosing->hops, key, runs)
	{
		json_object_del(runs, run);
	}
}

static bool is_chosen_hop(const struct choosing *choosing, const json_t *line)
{
	char key[32];

	key_of(number_of(line, "hop"), key);
	return !choosing->ids || json_object_size(json_object_get(choosing->hops, key)) > 0;
}

static void choose(struct choosing *choosing, const json_t *line)
{
	if (number_of(line, "at") < choosing->since_ms)
		return;
	if (choosing->pending)
		json_array_append(choosing->events, choosing->pending);
	json_decref(choosing->pending);
	choosing->pending = NULL;
	choosing->any = true;
	json_array_append_new(choosing->events, event_of(line));
}

/* The start of one is told with the first thing that happened under it. */
static void pass_supervisor(struct choosing *choosing, const json_t *line)
{
	if (is_start(line)) {
		json_object_clear(choosing->hops);
		if (is_standing(line))
			return;
		choosing->any = false;
		json_decref(choosing->pending);
		choosing->pending = NULL;
		if (choosing->ids && number_of(line, "at") >= choosing->since_ms)
			choosing->pending = event_of(line);
	}
	if (choosing->any || !choosing->ids)
		choose(choosing, line);
}

static void pass(struct choosing *choosing, const json_t *line)
{
	if (is_supervisor(line)) {
		pass_supervisor(choosing, line);
	} else if (is_hop(line)) {
		if (is_chosen_hop(choosing, line))
			choose(choosing, line);
	} else if (is_chosen_tunnel(choosing, line)) {
		note_hops(choosing, line);
		if (!is_standing(line))
			choose(choosing, line);
	}
}

json_t *past_events(const struct past *past, const json_t *ids, int64_t since_ms)
{
	struct choosing choosing = {
		.ids = ids, .since_ms = since_ms, .hops = json_object(), .events = json_array()};
	json_t *line;
	size_t i;

	json_array_foreach(past->lines, i, line)
	{
		pass(&choosing, line);
	}
	json_decref(choosing.pending);
	json_decref(choosing.hops);
	return choosing.events;
}

json_t *past_changes(const struct past *past, const char *id, size_t most)
{
	json_t *changes = json_array();

	for (size_t i = json_array_size(past->lines); i-- > 0 && json_array_size(changes) < most;) {
		const json_t *line = json_array_get(past->lines, i);

		if (is_tunnel(line) && !is_standing(line) && !json_object_get(line, "as") &&
		    strcmp(text_of(line, "id"), id) == 0)
			json_array_insert_new(changes, 0, event_of(line));
	}
	return changes;
}

/* --- how it ended ---------------------------------------------------------------------------- */

/* Whether a tunnel was up, or had been and was coming back. */
static bool was_wanted(const char *state)
{
	static const char *const states[] = {"up", "silent", "stalled", "reconnecting"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

/* Returns what was up, of each identity once, by the last lines of all runs. */
static json_t *up_of(const json_t *runs)
{
	json_t *tunnels = json_array(), *places = json_object(), *line;
	const char *run;

	json_object_foreach((json_t *)(uintptr_t)runs, run, line)
	{
		const char *id = text_of(line, "id"), *state = text_of(line, "state");
		const json_t *place = json_object_get(places, id);

		(void)run;
		if (!was_wanted(state))
			continue;
		if (!place) {
			json_object_set_new(places, id,
					    json_integer((json_int_t)json_array_size(tunnels)));
			json_array_append_new(tunnels, identity(line, state));
		} else if (strcmp(state, "up") == 0) {
			json_array_set_new(tunnels, (size_t)json_integer_value(place),
					   identity(line, state));
		}
	}
	json_decref(places);
	return tunnels;
}

static void read_start(const json_t *line, struct past_end *end)
{
	json_decref(end->tunnels);
	end->tunnels = NULL;
	end->how = PAST_KILLED;
	snprintf(end->boot.id, sizeof(end->boot.id), "%s", text_of(line, "boot"));
	end->boot.at_ms = number_of(line, "booted");
}

/* It is told to go: what is up is, from now on, on its way down. */
static void read_told(const json_t *line, const json_t *runs, struct past_end *end)
{
	end->how = PAST_TOLD;
	end->at_ms = number_of(line, "at");
	json_decref(end->tunnels);
	end->tunnels = up_of(runs);
}

void past_find_end(const struct past *past, struct past_end *ret_end)
{
	struct past_end end = {0};
	json_t *runs = json_object(), *line;
	char key[32];
	size_t i;

	json_array_foreach(past->lines, i, line)
	{
		/* What goes on under one that was told to go, goes. */
		if (is_start(line) && !(is_standing(line) && end.how == PAST_TOLD)) {
			json_object_clear(runs);
			read_start(line, &end);
		} else if (is_supervisor(line) && is_state(line, "told")) {
			if (end.how != PAST_TOLD)
				read_told(line, runs, &end);
		} else if (is_supervisor(line) && is_state(line, "left")) {
			if (end.how != PAST_TOLD)
				end.how = PAST_NOTHING;
		} else if (is_tunnel(line)) {
			json_object_set(runs, key_of(number_of(line, "run"), key), line);
		}
		if (end.how != PAST_TOLD)
			end.at_ms = number_of(line, "at");
	}
	if (end.how == PAST_KILLED) {
		end.tunnels = up_of(runs);
		if (past->written_ms > end.at_ms)
			end.at_ms = past->written_ms;
	}
	json_decref(runs);
	*ret_end = end;
}

void past_end_finish(struct past_end *end)
{
	json_decref(end->tunnels);
	*end = (struct past_end){0};
}
