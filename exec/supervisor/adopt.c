#include "exec/supervisor/adopt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/elsewhere.h"
#include "exec/supervisor/failed.h"
#include "exec/supervisor/record.h"
#include "exec/supervisor/replan.h"
#include "exec/tunnel/hop_pool.h"
#include "exec/tunnel/stitched.h"
#include "exec/tunnel/stray.h"
#include "exec/tunnel/succession.h"
#include "exec/tunnel/survivor.h"
#include "topology/base/hash.h"
#include "topology/base/memory.h"

extern char **environ;

/* --- the rows ------------------------------------------------------------------------------------ */

static json_int_t number_of(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

/* The texts are the row's. */
static char *text_of(const json_t *row, const char *key)
{
	return (char *)(uintptr_t)record_row_text(row, key);
}

static const char *text_or_null(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

/* Whether a socket has the name that one of a hop with that identity has. */
static bool fits(const char *socket, const char *identity)
{
	const char *name = strrchr(socket, '/');
	char hash[24];

	snprintf(hash, sizeof(hash), "-%016" PRIx64 "-", text_fnv1a(identity, strlen(identity)));
	return name && strncmp(name + 2, hash, strlen(hash)) == 0;
}

static struct survivor survivor_of_row(const json_t *row)
{
	return (struct survivor){
		.identity = text_of(row, "hop"),
		.host = text_of(row, "host"),
		.socket = text_of(row, "socket"),
		.log = text_of(row, "log"),
		.through = text_of(row, "through"),
		.generation = (unsigned)number_of(row, "generation"),
		.choice = (unsigned)number_of(row, "choice"),
		.was_up = number_of(row, "up"),
		.since = (uint64_t)number_of(row, "since"),
		.asks = number_of(row, "asks"),
		.drains = number_of(row, "drains"),
		.refused = !fits(text_of(row, "socket"), text_of(row, "hop")),
		.pid = (pid_t)number_of(row, "pid"),
		.start = (uint64_t)number_of(row, "start"),
	};
}

static enum plan_type type_of(const char *name)
{
	enum plan_type type = PLAN_LOCAL;

	while (type != PLAN_REMOTE_DYNAMIC && strcmp(plan_type_name(type), name) != 0)
		type++;
	return type;
}

static struct stray stray_of_row(const json_t *row)
{
	return (struct stray){
		.socket = text_of(row, "master"),
		.host = text_of(row, "host"),
		.key = text_of(row, "forward"),
		.private = (char *)(uintptr_t)text_or_null(row, "private"),
		.mux = {.type = type_of(record_row_text(row, "type")),
			.bind = text_or_null(row, "bind"),
			.bind_port = (uint16_t)number_of(row, "port"),
			.bind_path = text_or_null(row, "path"),
			.target = text_or_null(row, "target"),
			.target_port = (uint16_t)number_of(row, "target_port"),
			.target_path = text_or_null(row, "target_path")},
	};
}

/* --- tunnels ------------------------------------------------------------------------------------- */

/*
 * What is told of a wish that nothing is made of: report_tunnel()'s object, with no hops and forwards. Since when it is so is not
 * known.
 */
static json_t *report_wish(const json_t *row, const char *state, const char *code, const char *text,
			   const char *advice)
{
	const char *file = record_row_text(row, "file"), *me = record_row_text(row, "me");
	const char *name = record_row_text(row, "name");
	json_t *without = json_object_get(row, "without");
	json_t *left_out = json_object_get(row, "left_out");
	char *id = protocol_id(file, name, me);
	const bool is_left = strcmp(state, "unwatched") == 0;
	json_t *report =
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:n, s:n, s:b, s:[], s:[], s:[], "
			  "s:I, s:[], s:{s:s, s:n, "
			  "s:n, s:s, s:s}}",
			  "id", id, "name", name, "file", file, "me", me, "state", state, "since_s",
			  "next_try_s", "remembered", !is_left, "forwards", "hops", "place",
			  "restarts", number_of(row, "restarts"), "history", "error", "code", code,
			  "subject", "host", "text", text, "advice", advice);

	json_object_set_new(report, "without", without ? json_incref(without) : json_array());
	json_object_set_new(report, "left_out", left_out ? json_incref(left_out) : json_array());
	free(id);
	return report;
}

/* One run of adoption. */
struct adoption {
	struct engine *engine;
	const struct runtime *from;
	json_t *failed;
	bool roams; /* where this machine is has to be found out */
};

/* It goes on as it is, without us. */
static void refuse(struct adoption *adoption, json_t *row, const char *code, const char *text)
{
	engine_log(adoption->engine, "tunnel %s of %s cannot be taken over: %s",
		   record_row_text(row, "name"), record_row_text(row, "file"), text);
	failed_add_wish(adoption->failed,
			report_wish(row, "failed", code, text,
				    "mend the file and run `tunplan up`; until then its ssh "
				    "processes go on, and `tunplan down` ends them"),
			json_incref(row));
}

static struct snapshot *load(struct adoption *adoption, const json_t *row, const char **ret_code,
			     struct strbuf *why)
{
	char *text = record_text(adoption->from, record_row_text(row, "text"));
	char **places = record_row_names(row, "places");
	struct snapshot_of of = {.path = record_row_text(row, "file"),
				 .text = text,
				 .me = record_row_text(row, "me"),
				 .place_count = json_array_size(json_object_get(row, "places"))};
	const char *none[] = {NULL};
	struct snapshot *snapshot = NULL;

	if (number_of(row, "located"))
		of.places = places ? (const char *const *)places : none;
	*ret_code = "record";
	if (text)
		snapshot = snapshot_get(&adoption->engine->snapshots, &of, ret_code, why);
	else
		strbuf_puts(why, "the text of its topology, which was written down when it was "
				 "brought up, is gone");
	memory_free_strings(places);
	free(text);
	return snapshot;
}

/* How many of its hops have an ssh that lives. */
static size_t count_living(const struct engine *engine, const struct plan *plan)
{
	struct strbuf identity = {0};
	size_t count = 0;

	for (size_t i = 0; i < plan->hop_count; i++) {
		strbuf_clear(&identity);
		hop_pool_identity(plan, i, &identity);
		count += survivor_lives_of(engine, strbuf_text(&identity));
	}
	strbuf_finish(&identity);
	return count;
}

/* Makes the tunnel of a row by its plan; beside another one, if it was to replace that. */
static void make(struct adoption *adoption, const json_t *row, struct snapshot *snapshot,
		 const struct plan *plan, struct arena *arena)
{
	struct engine *engine = adoption->engine;
	struct live_tunnel *old =
		tunnel_find(engine, snapshot->path, snapshot->me_name, plan->name);
	char **without = record_row_names(row, "without");
	char **left_out = record_row_names(row, "left_out");
	const bool alive = count_living(engine, plan) > 0;
	struct live_tunnel *tunnel = tunnel_create(engine, snapshot, plan, arena,
						   (const char *const *)environ, HOP_UNASKED);

	tunnel_set_without(tunnel, (const char *const *)without);
	tunnel_leave_out(tunnel, (const char *const *)left_out);
	tunnel->least_trust = (uint8_t)number_of(row, "least_trust");
	elsewhere_settle(tunnel, number_of(row, "roams"));
	adoption->roams |= tunnel->roams;
	if (old)
		succession_begin(tunnel, old);
	if (old || alive || number_of(row, "left"))
		tunnel_take_over(tunnel, number_of(row, "was_up"));
	else
		tunnel_lose(tunnel);
	tunnel->before_ms = (uint64_t)number_of(row, "since");
	tunnel->restarts = (unsigned)number_of(row, "restarts");
	tunnel->kept |= number_of(row, "kept");
	memory_free_strings(without);
	memory_free_strings(left_out);
}

/* Whether there is one already, which is, or becomes, what the row wants. */
static bool is_there(struct adoption *adoption, const json_t *row, struct snapshot *snapshot,
		     const struct plan *plan)
{
	struct live_tunnel *tunnel =
		tunnel_find(adoption->engine, snapshot->path, snapshot->me_name, plan->name);

	if (!tunnel || !number_of(row, "replaces"))
		return tunnel != NULL;
	if (!tunnel_matches_plan(tunnel, plan))
		return false;
	tunnel_confirm(tunnel, snapshot);
	return true;
}

/* What is planned for a row; the arena has the plan. NULL: it cannot be, for which there is a code, and in words why. */
struct planned {
	struct snapshot *snapshot; /* held; or NULL */
	struct arena arena;
	const struct plan *plan;
	const char *code;
	struct strbuf why;
};

static void plan_row(struct adoption *adoption, const json_t *row, struct planned *planned)
{
	char **without = record_row_names(row, "without");
	char **left_out = record_row_names(row, "left_out");
	struct replan wanted = {.name = record_row_text(row, "name"),
				.without = (const char *const *)without,
				.left_out = (const char *const *)left_out,
				.min_trust = (uint8_t)number_of(row, "least_trust"),
				.unattended = left_out != NULL};
	struct plan_failure failure;

	*planned = (struct planned){.plan = NULL};
	planned->snapshot = load(adoption, row, &planned->code, &planned->why);
	wanted.snapshot = planned->snapshot;
	if (planned->snapshot)
		planned->plan = replan(&wanted, &planned->arena, &failure);
	if (planned->snapshot && !planned->plan) {
		planned->code = failure.code;
		strbuf_puts(&planned->why, failure.text);
	}
	memory_free_strings(without);
	memory_free_strings(left_out);
}

static void planned_finish(struct planned *planned)
{
	snapshot_forget(planned->snapshot);
	arena_finish(&planned->arena);
	strbuf_finish(&planned->why);
}

/* Whether all ssh processes of what is planned for a row live. */
static bool is_whole(struct adoption *adoption, const json_t *row)
{
	struct planned planned;
	bool whole;

	plan_row(adoption, row, &planned);
	whole = planned.plan &&
		count_living(adoption->engine, planned.plan) == planned.plan->hop_count;
	planned_finish(&planned);
	return whole;
}

static bool are_of_one(const json_t *row, const json_t *other)
{
	static const char *const keys[] = {"file", "me", "name"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(record_row_text(row, keys[i]), record_row_text(other, keys[i])) != 0)
			return false;
	return true;
}

/* Returns what is to go on for a row: what was on trial for it, if that had got up, and it itself had not. */
static json_t *choose(struct adoption *adoption, const json_t *rows, json_t *row)
{
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *other = json_array_get(rows, i);

		if (number_of(other, "on_trial") && are_of_one(row, other))
			return is_whole(adoption, other) && !is_whole(adoption, row) ? other : row;
	}
	return row;
}

static void adopt_tunnel(struct adoption *adoption, json_t *row)
{
	struct planned planned;

	plan_row(adoption, row, &planned);
	if (!planned.plan)
		refuse(adoption, row, planned.code, strbuf_text(&planned.why));
	else if (!is_there(adoption, row, planned.snapshot, planned.plan))
		make(adoption, row, planned.snapshot, planned.plan, &planned.arena);
	planned_finish(&planned);
}

/* --- all ------------------------------------------------------------------------------------------ */

static void adopt_processes(struct engine *engine, const json_t *record)
{
	const json_t *masters = json_object_get(record, "masters");
	const json_t *listeners = json_object_get(record, "listeners");

	for (size_t i = 0; i < json_array_size(masters); i++) {
		const struct survivor survivor = survivor_of_row(json_array_get(masters, i));

		survivor_add(engine, &survivor);
	}
	for (size_t i = 0; i < json_array_size(listeners); i++) {
		const struct stray stray = stray_of_row(json_array_get(listeners, i));

		stray_add(engine, &stray);
	}
}

static void adopt_tunnels(struct adoption *adoption, const json_t *record)
{
	const json_t *tunnels = json_object_get(record, "tunnels");
	const json_t *failed = json_object_get(record, "failed");

	failed_restore(adoption->failed, failed);
	for (size_t i = 0; i < json_array_size(failed); i++) {
		const json_t *wish = failed_wish(json_array_get(failed, i));

		if (wish)
			adopt_tunnel(adoption, (json_t *)(uintptr_t)wish);
	}
	for (size_t i = 0; i < json_array_size(tunnels); i++) {
		json_t *row = json_array_get(tunnels, i);

		if (!number_of(row, "on_trial"))
			adopt_tunnel(adoption, choose(adoption, tunnels, row));
	}
}

void adopt(struct engine *engine, const struct runtime *from, json_t *failed)
{
	struct adoption adoption = {.engine = engine, .from = from, .failed = failed};
	json_t *record = record_read(from);

	if (record_is_of_killed(record))
		engine_log(engine, "taking over what another supervisor has left in %s", from->dir);
	adopt_processes(engine, record);
	adopt_tunnels(&adoption, record);
	/* It may have gone elsewhere meanwhile. */
	engine->moves += adoption.roams;
	json_decref(record);
}

bool adopt_keeps(const json_t *failed, uint64_t hash)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, hash);
	for (size_t i = 0; i < json_array_size(failed); i++) {
		const json_t *hops =
			json_object_get(failed_wish(json_array_get(failed, i)), "hops");

		for (size_t j = 0; j < json_array_size(hops); j++) {
			const char *name = json_string_value(json_array_get(hops, j));

			if (name && strcmp(name, text) == 0)
				return true;
		}
	}
	return false;
}

/* --- looking --------------------------------------------------------------------------------------- */

bool adopt_look(const struct runtime *from, size_t *running, json_t *failed)
{
	json_t *record = record_read(from);
	const json_t *masters = json_object_get(record, "masters");
	const json_t *tunnels = json_object_get(record, "tunnels");
	const json_t *refused = json_object_get(record, "failed");
	const bool unwatched = record_is_of_killed(record);

	failed_restore(failed, refused);
	for (size_t i = 0; i < json_array_size(refused); i++) {
		json_t *entry = json_array_get(refused, i);

		if (failed_wish(entry))
			failed_add_wish(failed, json_incref(json_object_get(entry, "tunnel")),
					json_incref(json_object_get(entry, "wish")));
	}
	for (size_t i = 0; i < json_array_size(masters); i++) {
		const struct survivor survivor = survivor_of_row(json_array_get(masters, i));

		*running += survivor_lives(&survivor);
	}
	for (size_t i = 0; i < json_array_size(tunnels); i++) {
		json_t *row = json_array_get(tunnels, i);

		if (number_of(row, "on_trial"))
			continue;
		failed_add_wish(
			failed,
			report_wish(row, "unwatched", "unwatched",
				    *running ? "its supervisor is gone, and nobody watches it"
					     : "its supervisor is gone, and so is each ssh "
					       "that it had",
				    *running ? "run `tunplan up`, `down`, `reload` or "
					       "`restart` of anything: it is taken over"
					     : "run `tunplan up` again"),
			json_incref(row));
	}
	json_decref(record);
	return unwatched;
}
