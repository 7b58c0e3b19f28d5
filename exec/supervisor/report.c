#include "exec/supervisor/report.h"

#include <stdlib.h>

#include "exec/supervisor/protocol.h"
#include "exec/system/clock.h"
#include "exec/tunnel/forward_place.h"
#include "planner/views/plan_view.h"

static const char *hop_id(size_t index, char *buffer, size_t size)
{
	snprintf(buffer, size, "h%zu", index + 1);
	return buffer;
}

static json_t *hop_id_or_null(size_t index)
{
	char id[24];

	return index == TOPOLOGY_NONE ? json_null() : json_string(hop_id(index, id, sizeof(id)));
}

/* Seconds since a moment of the monotonic clock. */
static json_t *ago_json(uint64_t moment_ms)
{
	return json_integer((json_int_t)((clock_ms() - moment_ms) / 1000));
}

json_t *report_hop(const struct live_tunnel *tunnel, size_t index)
{
	const struct plan_hop *plan = &tunnel->plan->hops[index];
	const struct live_hop *hop = tunnel->hops[index];
	json_t *object = json_pack("{s:o, s:o, s:s, s:s, s:i, s:s?, s:s}", "id",
				   hop_id_or_null(index), "through", hop_id_or_null(plan->through),
				   "host", hop->host, "address", plan->address, "port", plan->port,
				   "user", plan->user, "state", hop_state_name(hop->state));

	json_object_set_new(object, "pid",
			    hop->present ? json_integer(master_pid(hop->present->master))
					 : json_null());
	json_object_set_new(object, "ms", json_integer((json_int_t)hop->took_ms));
	json_object_set_new(object, "verified_s",
			    hop_carries(hop) ? ago_json(hop->verified_ms) : json_null());
	json_object_set_new(object, "error", failure_json(&hop->failure));
	return object;
}

json_t *report_forward(const struct live_tunnel *tunnel, size_t index)
{
	const struct live_forward *forward = &tunnel->forwards[index];
	const struct plan_forward *plan = forward->plan;
	/* What `auto` chose is known here, and not in the plan. */
	struct plan_end ingress = plan->ingress;
	/* Where it comes out at last, in however many pieces. */
	const struct plan_end *egress = &plan_last_piece(tunnel->plan, plan->of)->egress;
	struct strbuf listen = {0};
	json_t *object;

	ingress.port = forward->mux.bind_port;
	forward_ingress_text(forward, &listen);
	object = json_pack(
		"{s:s, s:o, s:o, s:o, s:s, s:s, s:I, s:o}", "type", plan_type_name(plan->type),
		"ingress", plan_end_json(tunnel->plan, &ingress), "egress",
		plan_end_json(tunnel->plan, egress), "hop", hop_id_or_null(plan->hop), "state",
		forward_state_name(forward->state), "listen", strbuf_text(&listen), "ms",
		(json_int_t)forward->probe_took_ms, "error", failure_json(&forward->failure));
	json_object_set_new(object, "verified_s",
			    forward->reached_ms ? ago_json(forward->reached_ms) : json_null());
	json_object_set_new(object, "inner",
			    json_boolean(plan_first_piece(tunnel->plan, plan->of) != plan));
	strbuf_finish(&listen);
	return object;
}

static json_t *history_json(const struct history *history)
{
	json_t *array = json_array();
	uint64_t now = clock_ms();

	for (size_t i = 0; i < history_kept(history); i++) {
		const struct history_entry *entry = history_at(history, i);

		json_array_append_new(array, json_pack("{s:s, s:I}", "state", entry->state, "ago_s",
						       (json_int_t)((now - entry->at_ms) / 1000)));
	}
	return array;
}

/* Where me was when the tunnel was planned. */
static json_t *place_json(const struct snapshot *snapshot)
{
	json_t *array = json_array();

	for (size_t i = 0; i < snapshot->where.count; i++) {
		const size_t place = snapshot->where.places[i];

		json_array_append_new(array, json_string(snapshot->topology->places[place].name));
	}
	return array;
}

json_t *report_identity(const struct live_tunnel *tunnel)
{
	char *id = protocol_id(tunnel->file, tunnel->name, tunnel->me);
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", id, "name", tunnel->name,
				   "file", tunnel->file, "me", tunnel->me, "state",
				   tunnel_state_name(tunnel->state));

	free(id);
	return object;
}

json_t *report_tunnel(const struct live_tunnel *tunnel)
{
	json_t *object = report_identity(tunnel), *hops = json_array(), *forwards = json_array();

	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		json_array_append_new(hops, report_hop(tunnel, i));
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		json_array_append_new(forwards, report_forward(tunnel, i));
	json_object_update_new(object, json_pack("{s:o, s:o, s:b, s:i, s:o, s:o, s:o, s:o}",
						 "place", place_json(tunnel->snapshot), "since_s",
						 ago_json(tunnel->since_ms), "remembered", 0,
						 "restarts", 0, "forwards", forwards, "hops", hops,
						 "error", failure_json(&tunnel->failure), "history",
						 history_json(&tunnel->history)));
	return object;
}

json_t *report_left(const struct live_tunnel *tunnel)
{
	json_t *array = json_array();

	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		if (tunnel->forwards[i].left)
			json_array_append_new(array, json_string(tunnel->forwards[i].left));
	return array;
}
