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

/* What `status` says of a tunnel, and whether its file has another text by now. */
static json_t *show(const struct session *session, const struct live_tunnel *tunnel)
{
	json_t *object = report_tunnel(tunnel);

	if (session->text)
		json_object_set_new(object, "file_changed",
				    json_boolean(strcmp(session->text, tunnel->latest->text)));
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
