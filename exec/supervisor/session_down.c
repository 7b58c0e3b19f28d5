/* The sessions of `down`, which take tunnels down, and of `status`, which only look. */
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/failed.h"
#include "exec/supervisor/replan.h"
#include "exec/supervisor/report.h"
#include "exec/supervisor/session_parts.h"
#include "exec/supervisor/trial.h"
#include "topology/base/memory.h"

static int by_rank(const void *a, const void *b)
{
	const struct item *one = a, *other = b;

	return (one->rank > other->rank) - (one->rank < other->rank);
}

/* Whether a request means a tunnel: by its id, and as which of them, or, without ids, by its file. */
static bool is_meant(const struct request *request, const char *id, const char *file,
		     const char *me, size_t *ret_name)
{
	*ret_name = 0;
	if (!request->ids)
		return (!request->file || strcmp(request->file, file) == 0) &&
		       (!request->me || strcmp(request->me, me) == 0);
	for (size_t i = 0; i < request->id_count; i++) {
		if (strcmp(request->ids[i], id) != 0)
			continue;
		*ret_name = i;
		return true;
	}
	return false;
}

/*
 * Whether `status` tells of it. Of a tunnel by two plans, the one that is to take the other's place is told of once that
 * leaves it.
 */
static bool is_shown(const struct live_tunnel *tunnel)
{
	const struct live_tunnel *old = tunnel->replaces;

	if (tunnel->on_trial || tunnel->yields)
		return false;
	if (old && !old->yields && old->state != TUNNEL_STOPPING && old->state != TUNNEL_DOWN)
		return false;
	return tunnel->state != TUNNEL_STOPPING ||
	       !tunnel_find(tunnel->engine, tunnel->file, tunnel->me, tunnel->name);
}

/*
 * Makes an item of each tunnel that the request covers and that is not yet down, or that failed, in the order of
 * the ids: a tunnel stands behind the one that it replaces.
 */
static void collect(struct session *session, const struct request *request)
{
	const struct list *tunnels = &session->engine->tunnels;
	const json_t *failed = session->host->failed;
	const size_t all = tunnels->count + json_array_size(failed);
	size_t count = 0, name;

	session_items(session, all);
	for (size_t i = 0; i < tunnels->count; i++) {
		struct live_tunnel *tunnel = tunnels->items[i];
		char *id =
			request->ids ? protocol_id(tunnel->file, tunnel->name, tunnel->me) : NULL;

		if (tunnel->state != TUNNEL_DOWN &&
		    (request->op != OP_STATUS || is_shown(tunnel)) &&
		    is_meant(request, id, tunnel->file, tunnel->me, &name)) {
			session->items[count].rank = name * all + i;
			item_watch(&session->items[count++], tunnel);
		}
		free(id);
	}
	for (size_t i = tunnels->count; i < all; i++) {
		json_t *entry = json_array_get(failed, i - tunnels->count);

		if (!is_meant(request, failed_id(entry), failed_text(entry, "file"),
			      failed_text(entry, "me"), &name))
			continue;
		session->items[count].rank = name * all + i;
		session->items[count++].failed = json_incref(entry);
	}
	session->item_count = count;
	qsort(session->items, count, sizeof(*session->items), by_rank);
}

void session_down(struct session *session, const struct request *request)
{
	collect(session, request);
	for (size_t i = 0; i < session->item_count; i++) {
		struct item *item = &session->items[i];

		item->on_trial = item->tunnel && trial_seen(item->tunnel) != item->tunnel;
	}
	for (size_t i = 0; i < session->item_count; i++) {
		struct item *item = &session->items[i];

		if (item->failed)
			failed_forget(session->host->failed, failed_id(item->failed));
		else
			tunnel_stop(item->tunnel, "stopped", "it was taken down by `tunplan down`");
	}
}

/* Of what was on trial only what it has left is told, beside the one for which it was. */
static bool is_untold(const struct item *item)
{
	json_t *left = item->on_trial ? report_left(item->tunnel) : NULL;
	const bool untold = left && json_array_size(left) == 0;

	json_decref(left);
	return untold;
}

void session_down_step(struct session *session, struct item *item)
{
	/* In their order: what ended sooner than the one before it is told after it. */
	const bool is_next = item == session->items || item_is_done(&item[-1]);

	if (!is_next || !(item->failed || item->tunnel->state == TUNNEL_DOWN))
		return;
	if (is_untold(item))
		item_finish(item);
	else
		item_result(session, item);
}

void session_status(struct session *session, const struct request *request)
{
	collect(session, request);
	session->file = memory_string(request->file);
	session->digest = memory_string(request->digest);
	session->text = memory_string(request->text);
	session->probe = request->probe;
	session->brief = request->brief;
	session->of_file = request->file && !request->ids;
	for (size_t i = 0; i < session->item_count; i++) {
		if (session->items[i].failed)
			continue;
		tunnel_look(session->items[i].tunnel);
		if (request->probe)
			tunnel_reprobe(session->items[i].tunnel);
	}
}

/* Answers to what this session asked are awaited, and nothing that others began. */
static bool is_ready_to_show(const struct session *session, const struct item *item)
{
	return item->failed || (!tunnel_is_looking(item->tunnel) &&
				!(session->probe && tunnel_is_probing(item->tunnel)));
}

/*
 * Reads the present text of a tunnel's file, from where me was when its plan was last the right one. Returns false if there is no such place any more, or the text is
 * one that this supervisor does not understand.
 */
static bool read_present(struct session *session, const struct live_tunnel *tunnel)
{
	const struct snapshot *was = tunnel->latest;
	const struct snapshot_of of = {tunnel->file, session->text, was->me_name,
				       (const char *const *)was->places, was->where.count};
	struct strbuf why = {0};
	const char *code;
	struct snapshot *now = snapshot_get(&session->engine->snapshots, &of, &code, &why);

	strbuf_finish(&why);
	/* Held until the end of the session: most of its tunnels have the same. */
	snapshot_forget(session->snapshot);
	session->snapshot = now;
	return now != NULL;
}

/* Whether a tunnel is of the file of which it is known what the file says now. */
static bool is_of_known(const struct session *session, const struct live_tunnel *tunnel)
{
	return session->digest && session->file && strcmp(session->file, tunnel->file) == 0;
}

static bool is_of_text(const struct session *session, const struct live_tunnel *tunnel)
{
	return strcmp(session->digest, tunnel->latest->digest) == 0;
}

/* Returns what the present text makes of a tunnel that is up by an older one; NULL: nothing new. */
static const char *find_change(struct session *session, struct live_tunnel *tunnel)
{
	struct replan wanted = {.name = tunnel->name,
				.without = tunnel_without(tunnel),
				.left_out = tunnel_left_out(tunnel),
				.min_trust = tunnel->least_trust,
				.unattended = tunnel->left_out != NULL};
	struct plan_failure failure;
	struct arena arena = {0};
	const struct plan *plan;
	const char *change = NULL;

	if (is_of_text(session, tunnel))
		return NULL;
	if (!read_present(session, tunnel))
		return "replanned";
	wanted.snapshot = session->snapshot;
	plan = replan(&wanted, &arena, &failure);
	if (!plan)
		change = strcmp(failure.code, "usage") == 0 ? "removed" : "refused";
	else if (!tunnel_matches_plan(tunnel, plan))
		change = "replanned";
	else
		/* So the next who asks need not plan. */
		tunnel_confirm(tunnel, session->snapshot);
	arena_finish(&arena);
	return change;
}

/*
 * What `status` says of a tunnel, and what its file, as it is now, would make of the tunnel. before: the tunnel that it
 * told of before, or NULL.
 */
static json_t *show(struct session *session, struct live_tunnel *tunnel,
		    const struct live_tunnel *before)
{
	const bool brief = session->brief;
	json_t *object = brief ? report_brief(tunnel, before) : report_tunnel(tunnel);
	const char *change;

	if (brief && !session->of_file)
		json_object_update_missing_new(object, report_identity(tunnel));
	if (is_of_known(session, tunnel)) {
		change = find_change(session, tunnel);
		if (!brief)
			json_object_set_new(object, "file_changed", json_boolean(change != NULL));
		if (!brief || change)
			json_object_set_new(object, "file_change", json_pack("s?", change));
	}
	return object;
}

/* How many tunnels are told of at a time: what a thousand take at once would not be given back. */
#define PART 16

/* Sends a part that is full, or NULL, and returns the next. */
static json_t *begin_part(struct session *session, json_t *full)
{
	json_t *event = protocol_event("status");

	if (full) {
		json_object_set_new(full, "more", json_true());
		client_send(session->client, full);
	}
	json_object_set_new(event, "tunnels", json_array());
	return event;
}

/* Whether there is a tunnel of which only the text of its file tells what would become of it. */
static bool lacks_text(const struct session *session)
{
	for (size_t i = 0; i < session->item_count && !session->text; i++) {
		const struct live_tunnel *tunnel = session->items[i].tunnel;

		if (tunnel && is_of_known(session, tunnel) && !is_of_text(session, tunnel))
			return true;
	}
	return false;
}

static void send_all(struct session *session)
{
	const struct live_tunnel *before = NULL;
	json_t *event = NULL;

	for (size_t i = 0; i < session->item_count; i++) {
		struct item *item = &session->items[i];

		if (i % PART == 0) {
			event = begin_part(session, event);
			before = NULL;
		}
		json_array_append_new(json_object_get(event, "tunnels"),
				      item->tunnel ? show(session, item->tunnel, before)
						   : failed_report(item->failed));
		before = item->tunnel;
	}
	event = event ? event : begin_part(session, NULL);
	if (session->host->trouble)
		json_object_set_new(event, "trouble", json_string(session->host->trouble));
	session_add_history_trouble(session, event);
	client_send(session->client, event);
}

void session_status_step(struct session *session)
{
	for (size_t i = 0; i < session->item_count; i++)
		if (!is_ready_to_show(session, &session->items[i]))
			return;
	if (lacks_text(session))
		client_send(session->client, protocol_event("text"));
	else
		send_all(session);
	for (size_t i = 0; i < session->item_count; i++)
		item_finish(&session->items[i]);
}
