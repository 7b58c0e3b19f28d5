#include "exec/tunnel/history_note.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/system/boot.h"
#include "exec/system/clock.h"
#include "exec/system/history_file.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/hop_blame.h"
#include "exec/tunnel/hop_retry.h"
#include "exec/tunnel/tunnel.h"
#include "topology/base/memory.h"

/* What is standing never fills more of a file than that: behind it there is room for what happens. */
#define STANDING_BYTES (HISTORY_FILE_BYTES / 2)

/* Appends a line, whose reference it takes. A text that is not UTF-8 makes no line. */
static void add_line(json_t *line, struct strbuf *lines)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

	if (text)
		strbuf_printf(lines, "%s\n", text);
	free(text);
	json_decref(line);
}

/* A line with what each has. */
static json_t *begin_line(void)
{
	return json_pack("{s:i, s:I}", "v", HISTORY_NOTE_VERSION, "at",
			 (json_int_t)clock_wall_ms());
}

/* Adds keys to a line; both references are taken. NULL if there are none. */
static json_t *with(json_t *line, json_t *keys)
{
	if (keys && json_object_update(line, keys) == 0) {
		json_decref(keys);
		return line;
	}
	json_decref(keys);
	json_decref(line);
	return NULL;
}

static json_t *error_json(const struct failure *failure)
{
	if (!failure_is_set(failure))
		return NULL;
	return json_pack("{s:s, s:s*, s:s*}", "code", failure->code, "host", failure->host, "text",
			 failure->text);
}

/* --- the supervisor -------------------------------------------------------------------------- */

/* alive_ms: 0: not known. */
static void add_supervisor(const char *state, int64_t alive_ms, struct strbuf *lines)
{
	struct boot boot;
	json_t *alive = alive_ms ? json_integer((json_int_t)alive_ms) : NULL;

	boot_read(&boot);
	add_line(with(begin_line(), json_pack("{s:i, s:s, s:s, s:I, s:o*}", "supervisor",
					      (int)getpid(), "state", state, "boot", boot.id,
					      "booted", (json_int_t)boot.at_ms, "alive", alive)),
		 lines);
}

void history_note_begin(struct engine *engine)
{
	struct history_notes *notes = &engine->notes;

	notes->path = runtime_state_path(&engine->runtime, "history");
	add_supervisor("started", history_file_touched_ms(notes->path), &notes->lines);
}

void history_note_leave(struct engine *engine, int signal)
{
	if (!engine->notes.path)
		return;
	engine->notes.left = !signal;
	add_line(with(begin_line(), json_pack("{s:i, s:s, s:o*}", "supervisor", (int)getpid(),
					      "state", signal ? "told" : "left", "signal",
					      signal ? json_integer(signal) : NULL)),
		 &engine->notes.lines);
}

/* --- tunnels --------------------------------------------------------------------------------- */

static unsigned long number_of(struct engine *engine, unsigned long *number)
{
	if (!*number)
		*number = ++engine->notes.number;
	return *number;
}

/* Whether another tunnel of its identity has its place. */
static bool is_old(const struct live_tunnel *tunnel)
{
	const bool leaves = tunnel->state == TUNNEL_STOPPING || tunnel->state == TUNNEL_DOWN;

	return tunnel->yields ||
	       (leaves && tunnel_find(tunnel->engine, tunnel->file, tunnel->me, tunnel->name));
}

static const char *role_of(const struct live_tunnel *tunnel)
{
	if (tunnel->on_trial)
		return "trial";
	if (is_old(tunnel))
		return "old";
	return tunnel->replaces ? "new" : NULL;
}

/* Why it does not do what it is for. Of a silent one, the forward knows. */
static json_t *tunnel_error(const struct live_tunnel *tunnel)
{
	const struct live_forward *forward = tunnel->forwards;

	if (tunnel->state != TUNNEL_SILENT)
		return error_json(&tunnel->failure);
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		if (forward[i].state == FORWARD_SILENT)
			return error_json(&forward[i].failure);
	return NULL;
}

/* from: NULL: it is told where it goes. */
static json_t *tunnel_line(struct live_tunnel *tunnel, const char *from, const char *state,
			   json_t *error)
{
	return with(begin_line(),
		    json_pack("{s:s, s:I, s:s, s:s, s:s*, s:s, s:s*, s:o*}", "tunnel", tunnel->name,
			      "run", (json_int_t)number_of(tunnel->engine, &tunnel->number), "file",
			      tunnel->file, "me", tunnel->me, "from", from, "state", state, "as",
			      role_of(tunnel), "error", error));
}

/* The same with its hops. */
static json_t *whole_line(struct live_tunnel *tunnel, const char *state, json_t *error)
{
	json_t *hops = json_array(), *by = json_array();

	for (size_t i = 0; i < tunnel->plan->hop_count; i++) {
		struct live_hop *hop = tunnel->hops[i];

		/* A stitched one is several of the plan. */
		if (i && hop == tunnel->hops[i - 1])
			continue;
		json_array_append_new(
			hops, json_integer((json_int_t)number_of(tunnel->engine, &hop->number)));
		json_array_append_new(by, json_string(hop->host));
	}
	return with(tunnel_line(tunnel, NULL, state, error),
		    json_pack("{s:o, s:o}", "hops", hops, "by", by));
}

/*
 * Begins with those that are new since the last line; they stand at the end of the list. Not when they are made: only then
 * it is known what they are for.
 */
static void introduce(struct engine *engine)
{
	const struct list *tunnels = &engine->tunnels;
	size_t first = tunnels->count;

	while (first && !((struct live_tunnel *)tunnels->items[first - 1])->number)
		first--;
	for (size_t i = first; i < tunnels->count; i++)
		add_line(whole_line(tunnels->items[i], tunnel_state_name(TUNNEL_STARTING), NULL),
			 &engine->notes.lines);
}

static void tell_tunnel(struct live_tunnel *tunnel, const char *from, const char *state,
			json_t *error)
{
	introduce(tunnel->engine);
	add_line(tunnel_line(tunnel, from, state, error), &tunnel->engine->notes.lines);
	tunnel->untold = NULL;
}

/* Whether why a hop of it was lost is to be known in a moment. */
static bool has_untold_hop(const struct live_tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		if (tunnel->hops[i]->untold)
			return true;
	return false;
}

void history_note_tunnel(struct live_tunnel *tunnel, const char *from)
{
	if (!tunnel->engine->notes.path)
		return;
	if (tunnel->untold)
		tell_tunnel(tunnel, tunnel->untold, from, NULL);
	if (tunnel->state == TUNNEL_RECONNECTING && has_untold_hop(tunnel))
		tunnel->untold = from;
	else
		tell_tunnel(tunnel, from, tunnel_state_name(tunnel->state), tunnel_error(tunnel));
}

void history_note_place(struct live_tunnel *tunnel)
{
	struct engine *engine = tunnel->engine;

	if (!engine->notes.path)
		return;
	introduce(engine);
	add_line(whole_line(tunnel, tunnel_state_name(tunnel->state), tunnel_error(tunnel)),
		 &engine->notes.lines);
}

/* --- hops ------------------------------------------------------------------------------------ */

static bool is_power_of_two(unsigned number)
{
	return number && (number & (number - 1)) == 0;
}

/* Whether the change is told: of tries that fail alike, ever fewer are. */
static bool is_told(const struct live_hop *hop)
{
	const struct retry *retry = &hop->retry;

	if (hop_state_is_rising(hop->state))
		return is_power_of_two(retry->attempt + 1);
	/* Lost, or back where it was because a try has failed. */
	if (retry->attempt && (hop->state == HOP_RETRY || hop->state == HOP_STALLED))
		return retry->streak <= 1 || is_power_of_two(retry->attempt);
	return true;
}

static void tell_hop(struct live_hop *hop, const char *from, enum hop_state state)
{
	struct engine *engine = hop->engine;
	const bool failed = state == HOP_RETRY || state == HOP_STALLED;
	/* It is up again by the ssh that it had, because another one did not get up. */
	const bool refused = state == HOP_UP && failure_is_set(&hop->refused) &&
			     strcmp(from, hop_state_name(HOP_STALLED)) != 0;
	const struct failure *why = refused ? &hop->refused : &hop->failure;
	json_t *tries = failed && hop->retry.attempt ? json_integer(hop->retry.attempt) : NULL;

	introduce(engine);
	add_line(with(begin_line(),
		      json_pack("{s:I, s:s, s:s, s:i, s:s, s:s, s:o*, s:o*}", "hop",
				(json_int_t)number_of(engine, &hop->number), "host", hop->host,
				"address", hop->plan.address, "port", (int)hop->plan.port, "from",
				from, "state", hop_state_name(state), "error",
				failed || refused ? error_json(why) : NULL, "tries", tries)),
		 &engine->notes.lines);
	hop->untold = NULL;
}

/* Whether it was lost just now, which may be the end of the hop before it. */
static bool is_in_doubt(const struct live_hop *hop, enum hop_state before)
{
	return hop->state == HOP_RETRY && (before == HOP_UP || before == HOP_STALLED) &&
	       hop->parent && failure_is_set(&hop->failure) && hop_blame_is_doubtful(hop);
}

void history_note_hop(struct live_hop *hop, enum hop_state before)
{
	const char *untold = hop->untold, *from = hop_state_name(before);

	if (!hop->engine->notes.path)
		return;
	/* Where it was the hop before, that one has the reason. */
	if (untold && failure_is_set(&hop->failure))
		tell_hop(hop, untold, HOP_RETRY);
	else if (untold)
		from = untold;
	hop->untold = NULL;
	if (!is_told(hop))
		return;
	if (is_in_doubt(hop, before))
		hop->untold = from;
	else
		tell_hop(hop, from, hop->state);
}

/* What waited until it was known whose end it was. */
static void tell_late(struct engine *engine)
{
	for (size_t i = 0; i < engine->hops.count; i++) {
		struct live_hop *hop = engine->hops.items[i];

		if (hop->untold && clock_ms() - hop->since_ms >= HOP_DOUBT_MS)
			tell_hop(hop, hop->untold, hop->state);
	}
	for (size_t i = 0; i < engine->tunnels.count; i++) {
		struct live_tunnel *tunnel = engine->tunnels.items[i];

		if (tunnel->untold && !has_untold_hop(tunnel))
			tell_tunnel(tunnel, tunnel->untold, tunnel_state_name(tunnel->state),
				    tunnel_error(tunnel));
	}
}

/* --- writing --------------------------------------------------------------------------------- */

/* All that there is, as far as there is room for it. */
static void add_standing(struct engine *engine, struct strbuf *lines)
{
	add_supervisor("goes_on", 0, lines);
	for (size_t i = 0; i < engine->tunnels.count && lines->length < STANDING_BYTES; i++) {
		struct live_tunnel *tunnel = engine->tunnels.items[i];

		add_line(with(whole_line(tunnel, tunnel_state_name(tunnel->state),
					 tunnel_error(tunnel)),
			      json_pack("{s:b}", "standing", 1)),
			 lines);
	}
}

static void append_standing(struct engine *engine)
{
	struct history_notes *notes = &engine->notes;
	struct strbuf lines = {0};
	bool begun;

	add_standing(engine, &lines);
	notes->error = history_file_append(notes->path, &lines, &begun);
	/* Also where that has begun a file: all stands in it. */
	notes->lacks = notes->error != 0;
	strbuf_finish(&lines);
}

void history_note_flush(struct engine *engine)
{
	struct history_notes *notes = &engine->notes;
	bool begun = false;

	if (!notes->path)
		return;
	tell_late(engine);
	introduce(engine);
	if (!notes->lines.length)
		return;
	notes->error = history_file_append(notes->path, &notes->lines, &begun);
	notes->lacks |= begun || notes->error;
	strbuf_finish(&notes->lines);
	/* Behind its end nothing goes on. */
	if (!notes->error && notes->lacks && !notes->left)
		append_standing(engine);
}

void history_note_keep(struct engine *engine)
{
	struct history_notes *notes = &engine->notes;

	if (!notes->path)
		return;
	if (notes->lacks)
		append_standing(engine);
	else
		history_file_touch(notes->path);
}

char *history_note_trouble(const struct engine *engine)
{
	const struct history_notes *notes = &engine->notes;

	if (!notes->error)
		return NULL;
	return memory_format("%s cannot be written (%s): what happens is not kept for "
			     "`tunplan logs`; tunnels are not touched by that",
			     notes->path, strerror(-notes->error));
}

void history_note_finish(struct engine *engine)
{
	free(engine->notes.path);
	strbuf_finish(&engine->notes.lines);
	engine->notes = (struct history_notes){0};
}
