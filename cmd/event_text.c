#include "cmd/event_text.h"

#include <string.h>

#include "cmd/moment.h"
#include "cmd/status_text.h"
#include "cmd/supervise.h"

static bool is_what(const json_t *event, const char *what)
{
	return strcmp(supervise_text(event, "what"), what) == 0;
}

static long long number_of(const json_t *event, const char *key)
{
	return (long long)json_integer_value(json_object_get(event, key));
}

/* What a tunnel is that is not the one that everybody sees. */
static const char *role_text(const char *role)
{
	static const char *const roles[][2] = {
		{"trial", " (by another path, on trial)"},
		{"new", " (beside the one that it is to replace)"},
		{"old", " (it is replaced)"},
	};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i][0], role) == 0)
			return roles[i][1];
	return "";
}

/* A hop has its host before it already. */
static void add_reason(const json_t *event, struct strbuf *text)
{
	const json_t *error = json_object_get(event, "error");
	const char *host = supervise_text(error, "host");

	if (!error)
		return;
	if (is_what(event, "hop") && strcmp(supervise_text(event, "state"), "up") == 0)
		strbuf_puts(text, " by the ssh that it had, another one did not get up");
	strbuf_puts(text, ": ");
	if (*host && is_what(event, "tunnel"))
		strbuf_printf(text, "trouble with %s: ", host);
	strbuf_printf(text, "%s (%s)", supervise_text(error, "text"),
		      supervise_text(error, "code"));
}

void event_change_text(const json_t *event, struct strbuf *text)
{
	const char *from = supervise_text(event, "from");
	const json_t *by = json_object_get(event, "by");
	const long long tries = number_of(event, "tries");

	if (*from)
		strbuf_printf(text, "%s -> ", from);
	strbuf_puts(text, supervise_text(event, "state"));
	if (json_array_size(by)) {
		strbuf_puts(text, " by ");
		status_names(by, text);
	}
	strbuf_puts(text, role_text(supervise_text(event, "as")));
	if (tries)
		strbuf_printf(text, ", %lld %s failed", tries, tries == 1 ? "try" : "tries");
	add_reason(event, text);
}

static void add_supervisor(const json_t *event, struct strbuf *text)
{
	const char *state = supervise_text(event, "state");

	strbuf_printf(text, "supervisor %lld: ", number_of(event, "pid"));
	if (strcmp(state, "told") == 0)
		strbuf_printf(text, "told to go by signal %lld", number_of(event, "signal"));
	else if (strcmp(state, "left") == 0)
		strbuf_puts(text, "left, nothing is up");
	else
		strbuf_puts(text, state);
}

void event_text(const json_t *event, bool with_file, struct strbuf *text)
{
	if (is_what(event, "supervisor")) {
		add_supervisor(event, text);
		return;
	}
	if (is_what(event, "tunnel")) {
		strbuf_printf(text, "tunnel %s", supervise_text(event, "name"));
		if (with_file)
			strbuf_printf(text, " (%s)", supervise_text(event, "file"));
	} else {
		strbuf_printf(text, "hop %s (", supervise_text(event, "host"));
		status_hop_address(event, text);
		strbuf_puts(text, ")");
	}
	strbuf_puts(text, ": ");
	event_change_text(event, text);
}

json_t *event_json(const json_t *event)
{
	static const char *const times[][2] = {
		{"at_ms", "at"}, {"booted_ms", "booted_at"}, {"alive_ms", "alive_at"}};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct strbuf text = {0};

		if (!json_object_get(event, times[i][0]))
			continue;
		moment_utc(number_of(event, times[i][0]), &text);
		json_object_set_new(object, times[i][1], json_string(strbuf_text(&text)));
		strbuf_finish(&text);
	}
	json_object_update_missing(object, (json_t *)(uintptr_t)event);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		json_object_del(object, times[i][0]);
	return object;
}
