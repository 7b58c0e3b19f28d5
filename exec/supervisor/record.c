#include "exec/supervisor/record.h"

#include <inttypes.h>
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

/*
 * A list of the record, and the keys of its rows: a text, or behind '#' a number, or behind '*' names, as an array.
 *
 * The engine is read in one way only: to texts one after the other, for each row the name of its list, then its
 * values. Comparing these is cheap enough for each step; the record is made of them.
 */
static const struct kind {
	const char *list;
	const char *keys[14];
} kinds[] = {
	{"tunnels",
	 {"file", "me", "name", "text", "#located", "*places", "#roams", "*without", "*left_out",
	  "#least_trust", "#kept", "#was_up", "#replaces", "*hops"}},
	{"masters",
	 {"hop", "host", "socket", "log", "through", "#generation", "#choice", "#up", "#asks",
	  "#drains", "#pid", "#start"}},
	{"listeners",
	 {"master", "host", "forward", "type", "bind", "#port", "path", "target", "#target_port",
	  "target_path", "private"}},
};

#define KEYS_MAX (sizeof(kinds[0].keys) / sizeof(kinds[0].keys[0]))

/* --- the rows of what there is ------------------------------------------------------------------ */

static void add(struct strbuf *facts, const char *text)
{
	strbuf_add(facts, text ? text : "", (text ? strlen(text) : 0) + 1);
}

static void add_number(struct strbuf *facts, uint64_t number)
{
	if (number)
		strbuf_printf(facts, "%" PRIu64 "%c", number, '\0');
	else
		add(facts, NULL);
}

/* In one text: names of hosts and places have no blanks. */
static void add_names(const char *const *names, size_t count, struct strbuf *facts)
{
	for (size_t i = 0; names && i < count; i++) {
		if (i)
			strbuf_puts(facts, " ");
		strbuf_puts(facts, names[i]);
	}
	add(facts, NULL);
}

static size_t count_names(const char *const *names)
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

static void add_list(const char *const *names, struct strbuf *facts)
{
	add_names(names, count_names(names), facts);
}

static void add_tunnel(const struct live_tunnel *tunnel, struct strbuf *facts)
{
	const struct snapshot *snapshot = tunnel->latest;

	add(facts, "tunnels");
	add(facts, tunnel->file);
	add(facts, tunnel->me);
	add(facts, tunnel->name);
	add(facts, snapshot->digest);
	add_number(facts, snapshot->places != NULL);
	add_list((const char *const *)snapshot->places, facts);
	add_number(facts, tunnel->roams);
	add_list(tunnel_without(tunnel), facts);
	add_list(tunnel_left_out(tunnel), facts);
	add_number(facts, tunnel->least_trust);
	add_number(facts, tunnel->kept);
	add_number(facts, tunnel->was_up);
	add_number(facts, tunnel->replaces != NULL);
	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		strbuf_printf(facts, "%s%016" PRIx64, i ? " " : "", tunnel->hops[i]->hash);
	add(facts, NULL);
}

/* Whether somebody wants it: what is tried by itself is tried again by the next supervisor. */
static bool is_wanted(const struct live_tunnel *tunnel)
{
	return !tunnel->on_trial && tunnel->state != TUNNEL_STOPPING &&
	       tunnel->state != TUNNEL_DOWN && (tunnel->state != TUNNEL_FAILED || tunnel->kept);
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
static void add_wanted(const struct engine *engine, const struct request *up, struct strbuf *facts)
{
	char digest[SNAPSHOT_DIGEST_SIZE];
	bool same;

	snapshot_digest(up->text, digest);
	for (size_t i = 0; i < up->tunnel_count; i++) {
		const struct live_tunnel *tunnel =
			find_alike(engine, up, up->tunnels[i], digest, &same);

		if (same)
			continue;
		add(facts, "tunnels");
		add(facts, up->file);
		add(facts, up->me);
		add(facts, up->tunnels[i]);
		add(facts, digest);
		add_number(facts, up->places != NULL);
		add_names(up->places, up->place_count, facts);
		add_number(facts, up->roams);
		add_names(up->without, up->without_count, facts);
		add(facts, NULL);
		add(facts, NULL);
		add_number(facts, up->persist);
		add(facts, NULL);
		add_number(facts, tunnel != NULL);
		add(facts, NULL);
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

static void add_master(const struct live_hop *hop, const struct incarnation *incarnation,
		       struct strbuf *facts)
{
	const struct master *master = incarnation->master;

	add(facts, "masters");
	add(facts, hop->identity);
	add(facts, hop->host);
	add(facts, incarnation->socket);
	add(facts, incarnation->log);
	add(facts, incarnation->through ? incarnation->through->socket : NULL);
	add_number(facts, incarnation->generation);
	add_number(facts, hop->choice);
	add_number(facts, master && master_is_ready(master));
	add_number(facts, hop->asks);
	add_number(facts, incarnation->leaves);
	add_number(facts, incarnation->leaves && master ? (uint64_t)master_pid(master) : 0);
	add_number(facts, incarnation->leaves ? incarnation->start : 0);
}

static void add_masters(const struct live_hop *hop, struct strbuf *facts)
{
	for (size_t i = 0; i < hop->incarnations.count; i++) {
		const struct incarnation *incarnation = hop->incarnations.items[i];

		/* One that has ended leaves its files until it is cleared away. */
		if (!incarnation->ended || incarnation->master)
			add_master(hop, incarnation, facts);
	}
}

static void add_survivor(const struct survivor *survivor, struct strbuf *facts)
{
	add(facts, "masters");
	add(facts, survivor->identity);
	add(facts, survivor->host);
	add(facts, survivor->socket);
	add(facts, survivor->log);
	add(facts, survivor->through);
	add_number(facts, survivor->generation);
	add_number(facts, survivor->choice);
	add_number(facts, survivor->was_up);
	add_number(facts, survivor->asks);
	add_number(facts, survivor->drains);
	add_number(facts, (uint64_t)survivor->pid);
	add_number(facts, survivor->start);
}

static void add_listener(const char *socket, const char *host, const char *key,
			 const struct mux_forward *mux, const char *private, struct strbuf *facts)
{
	add(facts, "listeners");
	add(facts, socket);
	add(facts, host);
	add(facts, key);
	add(facts, plan_type_name(mux->type));
	add(facts, mux->bind);
	add_number(facts, mux->bind_port);
	add(facts, mux->bind_path);
	add(facts, mux->target);
	add_number(facts, mux->target_port);
	add(facts, mux->target_path);
	add(facts, private);
}

/* From before it is asked for until it is closed; the file of one that is a path outlives its ssh. */
static void add_listeners(const struct live_tunnel *tunnel, struct strbuf *facts)
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
			     facts);
	}
}

static void read_wanted(const struct engine *engine, const struct request *up, struct strbuf *facts)
{
	for (size_t i = 0; i < engine->tunnels.count; i++)
		if (is_wanted(engine->tunnels.items[i]))
			add_tunnel(engine->tunnels.items[i], facts);
	if (up)
		add_wanted(engine, up, facts);
}

static void read_rest(const struct engine *engine, struct strbuf *facts)
{
	for (size_t i = 0; i < engine->survivors.count; i++)
		add_survivor(engine->survivors.items[i], facts);
	for (size_t i = 0; i < engine->hops.count; i++)
		add_masters(engine->hops.items[i], facts);
	for (size_t i = 0; i < engine->strays.count; i++) {
		const struct stray *stray = engine->strays.items[i];

		add_listener(stray->socket, stray->host, stray->key, &stray->mux, stray->private,
			     facts);
	}
	for (size_t i = 0; i < engine->tunnels.count; i++)
		add_listeners(engine->tunnels.items[i], facts);
}

/* --- as JSON ------------------------------------------------------------------------------------ */

/* Returns a text of the facts, and goes on to the next. */
static const char *next(const char **facts)
{
	const char *text = *facts;

	*facts += strlen(text) + 1;
	return text;
}

static const struct kind *next_kind(const char **facts)
{
	const char *list = next(facts);
	const struct kind *kind = kinds;

	while (strcmp(kind->list, list) != 0)
		kind++;
	return kind;
}

static json_t *names_json(const char *text)
{
	json_t *names = json_array();

	while (*text) {
		const size_t length = strcspn(text, " ");

		json_array_append_new(names, json_stringn(text, length));
		text += length + (text[length] == ' ');
	}
	return names;
}

static void set(json_t *row, const char *key, const char *text)
{
	if (!*text)
		return;
	if (*key == '#')
		json_object_set_new(row, key + 1,
				    json_integer((json_int_t)strtoull(text, NULL, 10)));
	else if (*key == '*')
		json_object_set_new(row, key + 1, names_json(text));
	else
		json_object_set_new(row, key, json_string(text));
}

static json_t *next_row(const struct kind *kind, const char **facts)
{
	json_t *row = json_object();

	for (size_t i = 0; i < KEYS_MAX && kind->keys[i]; i++)
		set(row, kind->keys[i], next(facts));
	return row;
}

static void add_rows(const struct strbuf *facts, json_t *record)
{
	const char *text = strbuf_text(facts), *end = text + facts->length;

	while (text < end) {
		const struct kind *kind = next_kind(&text);

		json_array_append_new(json_object_get(record, kind->list), next_row(kind, &text));
	}
}

static json_t *record_json(const struct record *record, json_t *failed)
{
	json_t *object = json_pack("{s:[], s:[], s:[], s:O}", kinds[0].list, kinds[1].list,
				   kinds[2].list, "failed", failed);

	add_rows(&record->wanted, object);
	add_rows(&record->rest, object);
	return object;
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

/* --- what is there already ---------------------------------------------------------------------- */

static bool same(const struct strbuf *a, const struct strbuf *b)
{
	return a->length == b->length && memcmp(strbuf_text(a), strbuf_text(b), a->length) == 0;
}

/* Returns where a row ends. */
static const char *row_end(const char *row)
{
	const struct kind *kind = next_kind(&row);

	for (size_t i = 0; i < KEYS_MAX && kind->keys[i]; i++)
		next(&row);
	return row;
}

/* Whether all rows are among the older ones, in their order. */
static bool are_among(const struct strbuf *rows, const struct strbuf *older)
{
	const char *row = strbuf_text(rows), *end = row + rows->length;
	const char *old = strbuf_text(older), *old_end = old + older->length;

	while (row < end) {
		const size_t length = (size_t)(row_end(row) - row);
		bool found = false;

		while (!found && old < old_end) {
			const char *behind = row_end(old);

			found = (size_t)(behind - old) == length && memcmp(old, row, length) == 0;
			old = behind;
		}
		if (!found)
			return false;
		row += length;
	}
	return true;
}

/* --- the texts ---------------------------------------------------------------------------------- */

static char *text_path(const struct runtime *runtime, const char *digest)
{
	char *name = memory_format("t-%s", digest), *path = runtime_path(runtime, name);

	free(name);
	return path;
}

static int write_text(const struct runtime *runtime, const char *digest, const char *text,
		      json_t *texts)
{
	char *path;
	int error;

	if (json_object_get(texts, digest))
		return 0;
	path = text_path(runtime, digest);
	error = state_file_write_text(path, text);
	free(path);
	if (!error)
		json_object_set_new(texts, digest, json_true());
	return error;
}

/* Before the record that names them. */
static int write_texts(const struct engine *engine, const struct request *up, json_t *texts)
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

/* Whether any list of the record has a row of a text. */
static bool names_text(const json_t *record, const char *digest)
{
	const json_t *tunnels = json_object_get(record, "tunnels");
	const json_t *failed = json_object_get(record, "failed");

	for (size_t i = 0; i < json_array_size(tunnels); i++)
		if (strcmp(record_row_text(json_array_get(tunnels, i), "text"), digest) == 0)
			return true;
	for (size_t i = 0; i < json_array_size(failed); i++)
		if (strcmp(record_row_text(failed_wish(json_array_get(failed, i)), "text"),
			   digest) == 0)
			return true;
	return false;
}

/* Removes the files of texts that the record does not name. */
static void remove_texts(const struct runtime *runtime, const json_t *record, json_t *texts)
{
	char **names = runtime_names(runtime, "t-");

	for (size_t i = 0; names[i]; i++) {
		char *path;

		if (record && names_text(record, names[i] + 2))
			continue;
		path = runtime_path(runtime, names[i]);
		unlink(path);
		free(path);
		json_object_del(texts, names[i] + 2);
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

static int write_all(const struct engine *engine, const struct request *up, json_t *failed,
		     const struct record *now)
{
	json_t *object = record_json(now, failed);
	char *path = record_path(&engine->runtime);
	int error = write_texts(engine, up, now->texts);

	if (!error)
		error = state_file_write(path, RECORD_VERSION, json_incref(object));
	if (!error)
		remove_texts(&engine->runtime, object, now->texts);
	json_decref(object);
	free(path);
	return error;
}

/* Whether what is on disk will do. */
static bool is_written(struct record *last, const struct record *now, const json_t *failed,
		       bool late)
{
	if (!last->failed || !same(&last->wanted, &now->wanted) ||
	    !json_equal(last->failed, failed))
		return false;
	last->is_late = !same(&last->rest, &now->rest);
	return !last->is_late || (!late && are_among(&now->rest, &last->rest));
}

int record_write(const struct engine *engine, const struct request *up, json_t *failed, bool late,
		 struct record *last)
{
	struct record now = {.texts = last->texts ? json_incref(last->texts) : json_object()};
	int error;

	read_wanted(engine, up, &now.wanted);
	read_rest(engine, &now.rest);
	if (is_written(last, &now, failed, late)) {
		record_forget(&now);
		return 0;
	}
	error = write_all(engine, up, failed, &now);
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
	strbuf_finish(&last->wanted);
	strbuf_finish(&last->rest);
	json_decref(last->failed);
	json_decref(last->texts);
	*last = (struct record){.failed = NULL};
}

void record_remove(const struct runtime *runtime)
{
	char *path = record_path(runtime);

	state_file_remove(path);
	free(path);
	remove_texts(runtime, NULL, NULL);
}

void record_leave(const struct runtime *runtime, const json_t *failed)
{
	json_t *record;
	char *path;

	if (!json_array_size(failed)) {
		record_remove(runtime);
		return;
	}
	record = json_pack("{s:O}", "failed", failed);
	path = record_path(runtime);
	/* Where there is no room for it, the record of before is read: what it names is found to have ended. */
	if (!state_file_write(path, RECORD_VERSION, json_incref(record)))
		remove_texts(runtime, record, NULL);
	json_decref(record);
	free(path);
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

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		killed |= json_array_size(json_object_get(record, kinds[i].list)) > 0;
	return killed;
}
