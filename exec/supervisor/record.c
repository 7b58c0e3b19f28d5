#include "exec/supervisor/record.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/supervisor/failed.h"
#include "exec/system/state_file.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/stray.h"
#include "exec/tunnel/survivor.h"
#include "exec/tunnel/tunnel.h"
#include "topology/base/memory.h"

static const char *const lists[RECORD_LISTS] = {
	[RECORD_TUNNELS] = "tunnels",
	[RECORD_MASTERS] = "masters",
	[RECORD_LISTENERS] = "listeners",
};

/* --- the rows of what there is --------------------------------------------------------------------- */

static size_t count_names(const char *const *names)
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

static void add_list(struct record_rows *rows, const char *key, const char *const *names)
{
	row_add_names(rows, key, names, count_names(names));
}

/* The hash of the identity of a tunnel's hop. */
static uint64_t hop_hash(const void *tunnel, size_t index)
{
	return ((const struct live_tunnel *)tunnel)->hops[index]->hash;
}

static void add_tunnel(const struct engine *engine, const struct live_tunnel *tunnel,
		       struct record_rows *rows)
{
	const struct snapshot *snapshot = tunnel->latest;

	row_add(rows, "file", tunnel->file);
	row_add(rows, "me", tunnel->me);
	row_add(rows, "name", tunnel->name);
	row_add(rows, "text", snapshot->digest);
	row_add_number(rows, "located", snapshot->places != NULL);
	add_list(rows, "places", (const char *const *)snapshot->places);
	row_add_number(rows, "roams", tunnel->roams);
	add_list(rows, "without", tunnel_without(tunnel));
	add_list(rows, "left_out", tunnel_left_out(tunnel));
	row_add_number(rows, "least_trust", tunnel->least_trust);
	row_add_number(rows, "kept", tunnel->kept);
	row_add_number(rows, "was_up", tunnel->was_up);
	row_add_number(rows, "since",
		       tunnel->state == TUNNEL_UP ? tunnel->since_ms : tunnel->before_ms);
	row_add_number(rows, "restarts", tunnel->restarts);
	row_add_number(rows, "left", tunnel->kept && engine->leaves);
	row_add_number(rows, "on_trial", tunnel->on_trial);
	row_add_number(rows, "replaces", tunnel->replaces != NULL);
	row_add_hashes(rows, "hops", hop_hash, tunnel, tunnel->plan->hop_count);
	row_end(rows);
}

/* Whether somebody wants it, or it is tried for that. */
static bool is_wanted(const struct live_tunnel *tunnel)
{
	return tunnel->state != TUNNEL_STOPPING && tunnel->state != TUNNEL_DOWN &&
	       (tunnel->state != TUNNEL_FAILED || tunnel->kept);
}

/* Whether one is there already by that very text: then it is told as it is. */
static struct live_tunnel *find_alike(const struct engine *engine, const struct request *up,
				      const char *name, const char *digest, bool *ret_same)
{
	struct live_tunnel *tunnel = tunnel_find(engine, up->file, up->me, name);

	*ret_same = tunnel && strcmp(tunnel->latest->digest, digest) == 0;
	return tunnel;
}

/* What is wanted is told before it is there. */
static void add_wanted(const struct engine *engine, const struct request *up,
		       struct record_rows *rows)
{
	char digest[SNAPSHOT_DIGEST_SIZE];
	bool same;

	snapshot_digest(up->text, digest);
	for (size_t i = 0; i < up->tunnel_count; i++) {
		const struct live_tunnel *tunnel =
			find_alike(engine, up, up->tunnels[i], digest, &same);

		if (same)
			continue;
		row_add(rows, "file", up->file);
		row_add(rows, "me", up->me);
		row_add(rows, "name", up->tunnels[i]);
		row_add(rows, "text", digest);
		row_add_number(rows, "located", up->places != NULL);
		row_add_names(rows, "places", up->places, up->place_count);
		row_add_number(rows, "roams", up->roams);
		row_add_names(rows, "without", up->without, up->without_count);
		row_add_number(rows, "kept", up->persist);
		row_add_number(rows, "replaces", tunnel != NULL);
		row_end(rows);
	}
}

bool record_wants_more(const struct engine *engine, const struct request *up)
{
	char digest[SNAPSHOT_DIGEST_SIZE];
	bool same = true;

	snapshot_digest(up->text, digest);
	for (size_t i = 0; i < up->tunnel_count && same; i++)
		find_alike(engine, up, up->tunnels[i], digest, &same);
	return !same;
}

static void add_survivor(const struct survivor *survivor, struct record_rows *rows)
{
	row_add(rows, "hop", survivor->identity);
	row_add(rows, "host", survivor->host);
	row_add(rows, "socket", survivor->socket);
	row_add(rows, "log", survivor->log);
	row_add(rows, "through", survivor->through);
	row_add_number(rows, "generation", survivor->generation);
	row_add_number(rows, "choice", survivor->choice);
	row_add_number(rows, "up", survivor->was_up);
	row_add_number(rows, "since", survivor->since);
	row_add_number(rows, "asks", survivor->asks);
	row_add_number(rows, "drains", survivor->drains);
	row_add_number(rows, "pid", (uint64_t)survivor->pid);
	row_add_number(rows, "start", survivor->start);
	row_end(rows);
}

/* As the next supervisor would know it. */
static void add_master(const struct live_hop *hop, const struct incarnation *incarnation,
		       struct record_rows *rows)
{
	const struct master *master = incarnation->master;
	const struct survivor survivor = {
		.identity = hop->identity,
		.host = hop->host,
		.socket = incarnation->socket,
		.log = incarnation->log,
		.through = incarnation->through ? incarnation->through->socket : NULL,
		.generation = incarnation->generation,
		.choice = hop->choice,
		.was_up = master && master_is_ready(master),
		.since = incarnation == hop->present && hop->state == HOP_UP
				 ? hop->since_ms
				 : incarnation->before_ms,
		.asks = hop->asks,
		.drains = incarnation->leaves,
		.pid = incarnation->leaves && master ? master_pid(master) : 0,
		.start = incarnation->leaves ? incarnation->start : 0,
	};

	add_survivor(&survivor, rows);
}

static void add_masters(const struct live_hop *hop, struct record_rows *rows)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		/* One that has ended leaves its files until it is cleared away. */
		if (!incarnation->ended || incarnation->master)
			add_master(hop, incarnation, rows);
	}
}

static void add_listener(const char *socket, const char *host, const char *key,
			 const struct mux_forward *mux, const char *private,
			 struct record_rows *rows)
{
	row_add(rows, "master", socket);
	row_add(rows, "host", host);
	row_add(rows, "forward", key);
	row_add(rows, "type", plan_type_name(mux->type));
	row_add(rows, "bind", mux->bind);
	row_add_number(rows, "port", mux->bind_port);
	row_add(rows, "path", mux->bind_path);
	row_add(rows, "target", mux->target);
	row_add_number(rows, "target_port", mux->target_port);
	row_add(rows, "target_path", mux->target_path);
	row_add(rows, "private", private);
	row_end(rows);
}

/* From before it is asked for until it is closed; the file of one that is a path outlives its ssh. */
static void add_listeners(const struct live_tunnel *tunnel, struct record_rows *rows)
{
	for (size_t i = 0; i < tunnel->plan->forward_count; i++) {
		const struct live_forward *forward = &tunnel->forwards[i];
		const bool has_ssh = forward->on && forward->announced && !forward->on->ended &&
				     (forward->state != FORWARD_FAILED || forward->listens);
		const bool is_elsewhere = forward->mux.type == PLAN_REMOTE;

		if (forward->state == FORWARD_CLOSED ||
		    !(has_ssh || (forward->bound && forward->mux.bind_path)))
			continue;
		add_listener(has_ssh ? forward->on->socket : NULL, forward->hop->host,
			     forward->names.key, &forward->mux,
			     is_elsewhere && forward->mux.bind_path ? forward->names.private : NULL,
			     rows);
	}
}

static void read_tunnels(const struct engine *engine, const struct request *up,
			 struct record_rows *rows)
{
	for (size_t i = 0; i < engine->tunnels.count; i++)
		if (is_wanted(engine->tunnels.items[i]))
			add_tunnel(engine, engine->tunnels.items[i], rows);
	if (up)
		add_wanted(engine, up, rows);
}

static void read_masters(const struct engine *engine, struct record_rows *rows)
{
	for (size_t i = 0; i < engine->survivors.count; i++)
		add_survivor(engine->survivors.items[i], rows);
	for (size_t i = 0; i < engine->hops.count; i++)
		add_masters(engine->hops.items[i], rows);
}

static void read_listeners(const struct engine *engine, struct record_rows *rows)
{
	for (size_t i = 0; i < engine->strays.count; i++) {
		const struct stray *stray = engine->strays.items[i];

		add_listener(stray->socket, stray->host, stray->key, &stray->mux, stray->private,
			     rows);
	}
	for (size_t i = 0; i < engine->tunnels.count; i++)
		add_listeners(engine->tunnels.items[i], rows);
}

/* Reads all that there is, with up, an `up` that is about to begin, or NULL. */
static void read_rows(const struct engine *engine, const struct request *up, size_t list,
		      struct record_rows *rows)
{
	if (list == RECORD_TUNNELS)
		read_tunnels(engine, up, rows);
	else if (list == RECORD_MASTERS)
		read_masters(engine, rows);
	else
		read_listeners(engine, rows);
}

static int add_dumped(const char *text, size_t length, void *data)
{
	strbuf_add(data, text, length);
	return 0;
}

/* engine: NULL if nothing is up. */
static void print_record(const struct engine *engine, const struct request *up,
			 const json_t *failed, struct strbuf *text)
{
	strbuf_printf(text, "{\"version\":%d", RECORD_VERSION);
	for (size_t i = 0; i < RECORD_LISTS && engine; i++) {
		struct record_rows rows = {.text = text};

		strbuf_printf(text, ",\n\"%s\":[", lists[i]);
		read_rows(engine, up, i, &rows);
		strbuf_puts(text, "]");
		record_rows_finish(&rows);
	}
	strbuf_puts(text, ",\n\"failed\":");
	json_dump_callback(failed, add_dumped, text, JSON_COMPACT);
	strbuf_puts(text, "}\n");
}

const char *record_row_text(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "";
}

char **record_row_names(const json_t *row, const char *key)
{
	const json_t *names = json_object_get(row, key);
	const size_t count = json_array_size(names);
	char **copy = count ? memory_array(count + 1, sizeof(*copy)) : NULL;

	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_array_get(names, i));

		copy[i] = memory_string(name ? name : "");
	}
	return copy;
}

/* --- the texts ---------------------------------------------------------------------------------- */

/* Digests, as keys. */
struct texts {
	json_t *there;
	json_t *needed;
};

static char *text_path(const struct runtime *runtime, const char *digest)
{
	char *name = memory_format("t-%s", digest), *path = runtime_path(runtime, name);

	free(name);
	return path;
}

static int write_text(const struct runtime *runtime, const char *digest, const char *text,
		      struct texts *texts)
{
	char *path;
	int error;

	json_object_set_new(texts->needed, digest, json_true());
	if (json_object_get(texts->there, digest))
		return 0;
	path = text_path(runtime, digest);
	error = state_file_write_text(path, text);
	free(path);
	if (!error)
		json_object_set_new(texts->there, digest, json_true());
	return error;
}

/* Before the record that names them. */
static int write_texts(const struct engine *engine, const struct request *up, struct texts *texts)
{
	char digest[SNAPSHOT_DIGEST_SIZE];
	int error = 0;

	for (size_t i = 0; i < engine->tunnels.count && !error; i++) {
		const struct live_tunnel *tunnel = engine->tunnels.items[i];

		if (is_wanted(tunnel))
			error = write_text(&engine->runtime, tunnel->latest->digest,
					   tunnel->latest->text, texts);
	}
	if (!up || error)
		return error;
	snapshot_digest(up->text, digest);
	return write_text(&engine->runtime, digest, up->text, texts);
}

/* Those of what was wanted and cannot be planned are there already. */
static void need_texts(const json_t *failed, struct texts *texts)
{
	for (size_t i = 0; i < json_array_size(failed); i++)
		json_object_set_new(texts->needed,
				    record_row_text(failed_wish(json_array_get(failed, i)), "text"),
				    json_true());
}

static bool has_unneeded(const struct texts *texts)
{
	const char *digest;
	json_t *value;

	json_object_foreach(texts->there, digest, value)
	{
		if (!json_object_get(texts->needed, digest))
			return true;
	}
	return false;
}

/* Removes the files of texts that nobody needs. */
static void remove_texts(const struct runtime *runtime, const struct texts *texts)
{
	char **names = runtime_names(runtime, "t-");

	for (size_t i = 0; names[i]; i++) {
		char *path;

		if (json_object_get(texts->needed, names[i] + 2))
			continue;
		path = runtime_path(runtime, names[i]);
		unlink(path);
		free(path);
		json_object_del(texts->there, names[i] + 2);
	}
	memory_free_strings(names);
}

char *record_text(const struct runtime *runtime, const char *digest)
{
	char *path = text_path(runtime, digest), *text = state_file_read_text(path);
	char found[SNAPSHOT_DIGEST_SIZE] = "";

	free(path);
	if (text)
		snapshot_digest(text, found);
	if (strcmp(found, digest) == 0)
		return text;
	free(text);
	return NULL;
}

/* --- the record --------------------------------------------------------------------------------- */

char *record_path(const struct runtime *runtime)
{
	return runtime_path(runtime, "record.json");
}

/* Without the texts. */
static int write_record(const struct runtime *runtime, const struct engine *engine,
			const struct request *up, const json_t *failed)
{
	struct strbuf text = {0};
	char *path = record_path(runtime);
	int error;

	print_record(engine, up, failed, &text);
	error = state_file_write_text(path, strbuf_text(&text));
	/* On a full disk nothing new is taken, but a hop may get another ssh, of which the next supervisor has to know. */
	if (error && !up && !state_file_write_in_room(path, strbuf_text(&text)))
		error = 0;
	if (!error)
		state_file_keep_room(path, strbuf_text(&text));
	strbuf_finish(&text);
	free(path);
	return error;
}

/* anew: what else is there, another supervisor has left. */
static int write_all(const struct engine *engine, const struct request *up, const json_t *failed,
		     bool anew, json_t *there)
{
	struct texts texts = {there, json_object()};
	int error = write_texts(engine, up, &texts);

	if (!error)
		error = write_record(&engine->runtime, engine, up, failed);
	need_texts(failed, &texts);
	if (!error && (anew || has_unneeded(&texts)))
		remove_texts(&engine->runtime, &texts);
	json_decref(texts.needed);
	return error;
}

/* Whether what is on disk will do. */
static bool is_written(struct record *last, const struct record *now, const json_t *failed,
		       bool late)
{
	bool among = true;

	if (!last->failed ||
	    !record_rows_are_same(&last->rows[RECORD_TUNNELS], &now->rows[RECORD_TUNNELS]) ||
	    !json_equal(last->failed, failed))
		return false;
	last->is_late = false;
	for (size_t i = RECORD_MASTERS; i < RECORD_LISTS; i++) {
		const bool as_now = record_rows_are_same(&last->rows[i], &now->rows[i]);

		last->is_late |= !as_now;
		among = among && (as_now || record_rows_are_among(&now->rows[i], &last->rows[i]));
	}
	return !last->is_late || (!late && among);
}

int record_write(const struct engine *engine, const struct request *up, json_t *failed, bool late,
		 struct record *last)
{
	struct record now = {.texts = last->texts ? json_incref(last->texts) : json_object()};
	int error;

	for (size_t i = 0; i < RECORD_LISTS; i++)
		read_rows(engine, up, i, &now.rows[i]);
	if (is_written(last, &now, failed, late)) {
		record_forget(&now);
		return 0;
	}
	error = write_all(engine, up, failed, !last->failed, now.texts);
	record_forget(last);
	if (error) {
		last->texts = json_incref(now.texts);
		record_forget(&now);
		return error;
	}
	/* The entries of what failed never change. */
	now.failed = json_copy(failed);
	*last = now;
	return 0;
}

void record_forget(struct record *last)
{
	for (size_t i = 0; i < RECORD_LISTS; i++)
		record_rows_finish(&last->rows[i]);
	json_decref(last->failed);
	json_decref(last->texts);
	*last = (struct record){.failed = NULL};
}

void record_remove(const struct runtime *runtime)
{
	static const struct texts none;
	char *path = record_path(runtime);

	state_file_remove(path);
	free(path);
	remove_texts(runtime, &none);
}

void record_leave(const struct runtime *runtime, const json_t *failed)
{
	struct texts texts = {NULL, json_object()};

	need_texts(failed, &texts);
	if (!json_array_size(failed))
		record_remove(runtime);
	/* Where there is no room for it, the record of before is read: what it names is found to have ended. */
	else if (!write_record(runtime, NULL, NULL, failed))
		remove_texts(runtime, &texts);
	json_decref(texts.needed);
}

char *record_refused(const struct runtime *runtime)
{
	char *path = record_path(runtime), *why = NULL;
	int version = state_file_version(path);

	if (version && version != RECORD_VERSION)
		why = memory_format(
			"%s, where it is written what a supervisor has started, is of "
			"version %d, and this program reads version %d: take everything "
			"down with the program that wrote it",
			path, version, RECORD_VERSION);
	free(path);
	return why;
}

json_t *record_read(const struct runtime *runtime)
{
	char *path = record_path(runtime);
	json_t *record = state_file_read(path, RECORD_VERSION);

	free(path);
	return record;
}

bool record_is_of_killed(const json_t *record)
{
	bool killed = false;

	for (size_t i = 0; i < RECORD_LISTS; i++)
		killed |= json_array_size(json_object_get(record, lists[i])) > 0;
	return killed;
}
