/* The sessions of `down`, which take tunnels down, and of `status`, which only look. */
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/report.h"
#include "exec/supervisor/session_parts.h"
#include "topology/base/memory.h"

static int by_rank(const void *a, const void *b)
{
	const struct item *one = a, *other = b;

	return (one->rank > other->rank) - (one->rank < other->rank);
}

/*
 * Makes an item of each tunnel that the request covers and that is not yet down: in the order of the
 * names, else in that in which they were brought up.
 */
static void collect(struct session *session, const struct request *request)
{
	const struct list *tunnels = &session->engine->tunnels;
	size_t count = 0, name;

	session_items(session, tunnels->count);
	for (size_t i = 0; i < tunnels->count; i++) {
		struct live_tunnel *tunnel = tunnels->items[i];

		if (tunnel->state == TUNNEL_DOWN || !request_covers(request, tunnel, &name))
			continue;
		session->items[count].rank = name * tunnels->count + i;
		item_watch(&session->items[count++], tunnel);
	}
	session->item_count = count;
	qsort(session->items, count, sizeof(*session->items), by_rank);
}

void session_down(struct session *session, const struct request *request)
{
	collect(session, request);
	for (size_t i = 0; i < session->item_count; i++)
		tunnel_stop(session->items[i].tunnel, "stopped",
			    "it was taken down by `tunplan down`");
}

void session_down_step(struct session *session, struct item *item)
{
	/* In their order: what ended sooner than the one before it is told after it. */
	const bool is_next = item == session->items || !item[-1].tunnel;

	if (is_next && item->tunnel->state == TUNNEL_DOWN)
		item_result(session, item);
}

void session_status(struct session *session, const struct request *request)
{
	collect(session, request);
	session->text = memory_string(request->text);
	for (size_t i = 0; i < session->item_count; i++) {
		tunnel_verify(session->items[i].tunnel);
		if (request->probe)
			tunnel_reprobe(session->items[i].tunnel);
	}
}

/* One that is starting or stopping is shown as it is; of the others all answers are awaited. */
static bool is_ready_to_show(const struct live_tunnel *tunnel)
{
	return !tunnel_state_at_rest(tunnel->state) || tunnel_is_settled(tunnel);
}

static const char *place_name(const struct snapshot *snapshot, size_t index)
{
	return snapshot->topology->places[snapshot->where.places[index]].name;
}

static bool same_places(const struct snapshot *a, const struct snapshot *b)
{
	if (a->where.count != b->where.count)
		return false;
	for (size_t i = 0; i < a->where.count; i++)
		if (strcmp(place_name(a, i), place_name(b, i)) != 0)
			return false;
	return true;
}

/*
 * Reads the present text of a tunnel's file, from where me was when the tunnel was planned: a tunnel
 * keeps its plan wherever me goes. Returns false if there is no such place any more, or the text is
 * one that this supervisor does not understand.
 */
static bool read_present(struct session *session, const struct live_tunnel *tunnel)
{
	const struct snapshot *was = tunnel->snapshot;
	struct strbuf why = {0};
	struct snapshot *now;
	const char **places;

	if (session->snapshot && same_places(session->snapshot, was))
		return true;
	snapshot_forget(session->snapshot);
	session->snapshot = NULL;
	now = snapshot_create(tunnel->file, session->text, &why);
	strbuf_finish(&why);
	if (!now)
		return false;
	places = arena_array(&now->arena, was->where.count, sizeof(*places));
	for (size_t i = 0; i < was->where.count; i++)
		places[i] = place_name(was, i);
	if (snapshot_set_me(now, tunnel->me, places, was->where.count)) {
		snapshot_forget(now);
		return false;
	}
	session->snapshot = now;
	return true;
}

/* Returns what the present text makes of a tunnel that is up by an older one; NULL: nothing new. */
static const char *find_change(struct session *session, struct live_tunnel *tunnel)
{
	struct plan_failure failure;
	const struct plan *plan;

	if (strcmp(session->text, tunnel->latest->text) == 0)
		return NULL;
	if (!read_present(session, tunnel))
		return "replanned";
	plan = session_plan(session->snapshot, tunnel->name, &failure);
	if (!plan)
		return strcmp(failure.code, "usage") == 0 ? "removed" : "refused";
	if (!tunnel_matches_plan(tunnel, plan))
		return "replanned";
	/* So the next who asks need not plan. */
	tunnel_confirm(tunnel, session->snapshot);
	return NULL;
}

/* What `status` says of a tunnel, and what its file, as it is now, would make of the tunnel. */
static json_t *show(struct session *session, struct live_tunnel *tunnel)
{
	json_t *object = report_tunnel(tunnel);
	const char *change;

	if (session->text) {
		change = find_change(session, tunnel);
		json_object_set_new(object, "file_changed", json_boolean(change != NULL));
		json_object_set_new(object, "file_change", json_pack("s?", change));
	}
	return object;
}

void session_status_step(struct session *session)
{
	json_t *event, *tunnels;

	for (size_t i = 0; i < session->item_count; i++)
		if (!is_ready_to_show(session->items[i].tunnel))
			return;
	event = protocol_event("status");
	tunnels = json_array();
	for (size_t i = 0; i < session->item_count; i++) {
		json_array_append_new(tunnels, show(session, session->items[i].tunnel));
		item_watch(&session->items[i], NULL);
	}
	json_object_set_new(event, "tunnels", tunnels);
	client_send(session->client, event);
}
