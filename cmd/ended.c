#include "cmd/ended.h"

#include <string.h>

#include "cmd/moment.h"
#include "cmd/supervise.h"

/* So many are named. */
#define NAMES_MAX 8

static bool is_asked(const json_t *tunnel, const struct ended_asked *asked)
{
	if (asked->ids)
		return json_object_get(asked->ids, supervise_text(tunnel, "id")) != NULL;
	return !asked->file || strcmp(asked->file, supervise_text(tunnel, "file")) == 0;
}

void ended_ask(struct past_end *end, const struct ended_asked *asked)
{
	for (size_t i = json_array_size(end->tunnels); i-- > 0;)
		if (!is_asked(json_array_get(end->tunnels, i), asked))
			json_array_remove(end->tunnels, i);
}

/* "git, db (reconnecting)", "git (/home/you/tunplan.yaml)", and how many more. */
static void add_tunnels(const json_t *tunnels, bool with_file, struct strbuf *text)
{
	const size_t count = json_array_size(tunnels);

	for (size_t i = 0; i < count && i < NAMES_MAX; i++) {
		const json_t *tunnel = json_array_get(tunnels, i);
		const char *state = supervise_text(tunnel, "state");

		strbuf_printf(text, "%s%s", i ? ", " : "", supervise_text(tunnel, "name"));
		if (with_file)
			strbuf_printf(text, " (%s)", supervise_text(tunnel, "file"));
		if (strcmp(state, "up") != 0)
			strbuf_printf(text, " (%s)", state);
	}
	if (count > NAMES_MAX)
		strbuf_printf(text, " and %zu more", count - NAMES_MAX);
}

static void add_advice(const json_t *tunnels, struct strbuf *text)
{
	const size_t count = json_array_size(tunnels);

	strbuf_puts(text, "; `tunplan up");
	for (size_t i = 0; i < count && count <= NAMES_MAX; i++)
		strbuf_printf(text, " %s", supervise_text(json_array_get(tunnels, i), "name"));
	strbuf_printf(text, "%s` brings %s up again", count > NAMES_MAX ? " TUNNEL…" : "",
		      count == 1 ? "it" : "them");
}

void ended_text(const struct past_end *end, const struct boot *now, bool with_file,
		struct strbuf *text)
{
	const bool told = end->how == PAST_TOLD, started = !boot_is_same(&end->boot, now);

	strbuf_puts(text, told      ? "the supervisor was told to go at "
			  : started ? "this machine went down after "
				    : "the supervisor ended without a word after ");
	moment_text(end->at_ms, text);
	if (started) {
		strbuf_puts(text, told ? ", and this machine was started again at "
				       : ", and was started again at ");
		moment_text(now->at_ms, text);
	} else if (told) {
		strbuf_puts(text, ", as by a logout");
	}
	strbuf_puts(text, "; up until then: ");
	add_tunnels(end->tunnels, with_file, text);
	if (!with_file)
		add_advice(end->tunnels, text);
}

static json_t *time_json(int64_t ms)
{
	struct strbuf text = {0};
	json_t *time;

	moment_utc(ms, &text);
	time = json_string(strbuf_text(&text));
	strbuf_finish(&text);
	return time;
}

json_t *ended_json(const struct past_end *end, const struct boot *now)
{
	const bool started = !boot_is_same(&end->boot, now);

	return json_pack("{s:s, s:o, s:o?, s:O}", "how", end->how == PAST_TOLD ? "told" : "killed",
			 "at", time_json(end->at_ms), "machine_started_at",
			 started ? time_json(now->at_ms) : NULL, "tunnels", end->tunnels);
}
