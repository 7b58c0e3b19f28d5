#include "exec/supervisor/report.h"

#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/protocol.h"
#include "exec/system/clock.h"
#include "exec/tunnel/forward_place.h"
#include "exec/tunnel/hop_retry.h"
#include "exec/tunnel/tunnel_trouble.h"
#include "planner/model/endpoint.h"
#include "planner/views/plan_view.h"
#include "topology/base/memory.h"

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

/* Seconds until something is due, the last begun one included; NULL for what is not (-1). */
static json_t *until_json(int64_t ms)
{
	return ms < 0 ? NULL : json_integer((json_int_t)(ms + 999) / 1000);
}

/* Appends a text, with each place where a part of it stands replaced. */
static void add_replaced(const char *text, const char *part, const char *by, struct strbuf *out)
{
	const char *at;

	while ((at = strstr(text, part))) {
		strbuf_add(out, text, (size_t)(at - text));
		strbuf_puts(out, by);
		text = at + strlen(part);
	}
	strbuf_puts(out, text);
}

/*
 * Trouble as it is told of a tunnel: its name is in the commands, which can be copied, and what happens by itself is not
 * left to anybody.
 */
static json_t *trouble_json(const struct live_tunnel *tunnel, const struct failure *failure)
{
	json_t *object = failure_json(failure);
	struct strbuf by_itself = {0}, advice = {0};
	char *command;

	if (!object || !failure->advice)
		return object;
	command = memory_format("`tunplan up %s`", tunnel->name);
	add_replaced(failure->advice, "run `tunplan up` again",
		     tunnel->kept && tunnel->state != TUNNEL_STOPPING &&
				     tunnel->state != TUNNEL_DOWN
			     ? "nothing, it is tried again by itself, and at once by `tunplan up`"
			     : "run `tunplan up` again",
		     &by_itself);
	add_replaced(strbuf_text(&by_itself), "`tunplan up`", command, &advice);
	json_object_set_new(object, "advice", json_string(strbuf_text(&advice)));
	strbuf_finish(&by_itself);
	strbuf_finish(&advice);
	free(command);
	return object;
}

/* What a table shows of a hop; brief: as it shows it, without what is null. */
static json_t *shown_hop(const struct live_tunnel *tunnel, size_t index, bool brief)
{
	const struct plan_hop *plan = &tunnel->plan->hops[index];
	const struct live_hop *hop = tunnel->hops[index];
	json_t *pid = hop->present ? json_integer(master_pid(hop->present->master)) : NULL;
	json_t *attempt = hop_is_missing(hop) ? json_integer(hop->retry.attempt) : NULL;

	return json_pack(
		brief ? "{s:s, s:s, s:i, s:s, s:o*, s:o*, s:o*, s:o*, s:o*}"
		      : "{s:s, s:s, s:i, s:s, s:o?, s:o?, s:o?, s:o?, s:o?}",
		"host", tunnel->plan->topology->hosts[plan->host].name, "address", plan->address,
		"port", plan->port, "state", hop_state_name(hop->state), "pid", pid, "attempt",
		attempt, "next_try_s", until_json(hop_next_try_ms(hop)), "error",
		trouble_json(tunnel, &hop->failure), "rule", trouble_json(tunnel, &hop->idle.rule));
}

json_t *report_hop(const struct live_tunnel *tunnel, size_t index)
{
	const struct plan_hop *plan = &tunnel->plan->hops[index];
	const struct live_hop *hop = tunnel->hops[index];
	json_t *object = json_pack("{s:o, s:o}", "id", hop_id_or_null(index), "through",
				   hop_id_or_null(plan->through));

	json_object_update_new(object, shown_hop(tunnel, index, false));
	json_object_update_new(object,
			       json_pack("{s:s?, s:I, s:o, s:o?}", "user", plan->user, "ms",
					 (json_int_t)hop->took_ms, "since_s",
					 ago_json(hop->since_ms), "verified_s",
					 hop_carries(hop) ? ago_json(hop->verified_ms) : NULL));
	return object;
}

/*
 * Returns the piece that decides how the egress fares that is told of a forward: what enters at the first piece has to come
 * through all of them, so of that it is the first one that does not lead on.
 */
static const struct live_forward *decisive(const struct live_tunnel *tunnel, size_t index)
{
	const struct live_forward *forward = &tunnel->forwards[index], *piece;
	const size_t of = forward->plan->of;

	if (plan_first_piece(tunnel->plan, of) != forward->plan)
		return forward;
	for (size_t i = index; i < tunnel->plan->forward_count; i++) {
		piece = &tunnel->forwards[i];
		if (forward->state == FORWARD_UP && piece->plan->of == of)
			forward = piece;
	}
	return forward;
}

/* Returns whose state and failure are told of it: whether it listens is its own matter. */
static const struct live_forward *told_of(const struct live_tunnel *tunnel, size_t index)
{
	const struct live_forward *decides = decisive(tunnel, index);

	return forward_state_listens(decides->state) ? decides : &tunnel->forwards[index];
}

int report_forward_news(const struct live_tunnel *tunnel, size_t index)
{
	return 2 * (int)told_of(tunnel, index)->state +
	       (forward_egress_state(decisive(tunnel, index)) != NULL);
}

/* An egress; brief: as a table names it. */
static json_t *egress_json(const struct plan *plan, const struct plan_end *egress, bool brief)
{
	struct strbuf text = {0};
	json_t *name;

	if (!brief)
		return plan_end_json(plan, egress);
	endpoint_add_name(plan, egress, &text);
	name = json_string(strbuf_text(&text));
	strbuf_finish(&text);
	return name;
}

/* The same of a forward; brief: and without what is false, and two states that no table has. */
static json_t *shown_forward(const struct live_tunnel *tunnel, size_t index, bool brief)
{
	const struct live_forward *forward = &tunnel->forwards[index];
	const struct live_forward *decides = decisive(tunnel, index);
	const struct live_forward *shown = told_of(tunnel, index);
	const size_t of = forward->plan->of;
	const bool inner = plan_first_piece(tunnel->plan, of) != forward->plan;
	/* Where it comes out at last, in however many pieces. */
	const struct plan_end *egress = &plan_last_piece(tunnel->plan, of)->egress;
	struct strbuf listen = {0};
	json_t *object;

	forward_ingress_text(forward, &listen);
	object = json_pack(brief ? "{s:o, s:s, s:s, s:s*, s:s*, s:o*, s:o*, s:o*, s:o*}"
				 : "{s:o, s:s, s:s, s:s?, s:s?, s:o?, s:o?, s:o?, s:o?}",
			   "egress", egress_json(tunnel->plan, egress, brief), "state",
			   forward_state_name(shown->state), "listen", strbuf_text(&listen),
			   "listener_state", brief ? NULL : forward_listener_state(forward),
			   "egress_state", brief ? NULL : forward_egress_state(decides),
			   "verified_s", decides->reached_ms ? ago_json(decides->reached_ms) : NULL,
			   "inner", inner || !brief ? json_boolean(inner) : NULL, "error",
			   trouble_json(tunnel, &shown->failure), "doubt",
			   trouble_json(tunnel, &forward->doubt));
	strbuf_finish(&listen);
	return object;
}

/* Whether a table has nothing to say of it but where it leads from and to. */
static bool is_usual(const struct live_tunnel *tunnel, size_t index)
{
	const struct live_forward *forward = &tunnel->forwards[index];
	const uint64_t reached_ms = decisive(tunnel, index)->reached_ms;

	return told_of(tunnel, index)->state == FORWARD_UP && reached_ms &&
	       clock_ms() - reached_ms < REPORT_FRESH_S * UINT64_C(1000) &&
	       !failure_is_set(&forward->doubt) &&
	       plan_first_piece(tunnel->plan, forward->plan->of) == forward->plan;
}

static json_t *brief_forward(const struct live_tunnel *tunnel, size_t index)
{
	const struct live_forward *forward = &tunnel->forwards[index];
	const struct plan *plan = tunnel->plan;
	struct strbuf text = {0};
	json_t *words;

	if (!is_usual(tunnel, index))
		return shown_forward(tunnel, index, true);
	forward_ingress_text(forward, &text);
	strbuf_puts(&text, " -> ");
	endpoint_add_name(plan, &plan_last_piece(plan, forward->plan->of)->egress, &text);
	words = json_string(strbuf_text(&text));
	strbuf_finish(&text);
	return words;
}

json_t *report_forward(const struct live_tunnel *tunnel, size_t index)
{
	const struct live_forward *forward = &tunnel->forwards[index];
	const struct plan_forward *plan = forward->plan;
	/* What `auto` chose is known here, and not in the plan. */
	struct plan_end ingress = plan->ingress;
	json_t *object;

	ingress.port = forward->mux.bind_port;
	object = json_pack("{s:s, s:o}", "type", plan_type_name(plan->type), "ingress",
			   plan_end_json(tunnel->plan, &ingress));
	json_object_update_new(object, shown_forward(tunnel, index, false));
	json_object_update_new(object, json_pack("{s:o, s:I}", "hop", hop_id_or_null(plan->hop),
						 "ms", (json_int_t)forward->probe_took_ms));
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

/* Where me was when the tunnel was planned, or found to have the right plan. */
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

json_t *report_names(const char *const *names)
{
	json_t *array = json_array();

	for (size_t i = 0; names && names[i]; i++)
		json_array_append_new(array, json_string(names[i]));
	return array;
}

json_t *report_tunnel(const struct live_tunnel *tunnel)
{
	json_t *object = report_identity(tunnel), *hops = json_array(), *forwards = json_array();

	for (size_t i = 0; i < tunnel->plan->hop_count; i++)
		json_array_append_new(hops, report_hop(tunnel, i));
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		json_array_append_new(forwards, report_forward(tunnel, i));
	json_object_update_new(
		object,
		json_pack("{s:o, s:o?, s:b, s:o, s:o, s:o?, s:o, s:i, s:o}", "since_s",
			  ago_json(tunnel->since_ms), "next_try_s",
			  until_json(tunnel_next_try_ms(tunnel)), "remembered", 0, "forwards",
			  forwards, "hops", hops, "error", trouble_json(tunnel, &tunnel->failure),
			  "place", place_json(tunnel->latest), "restarts", (int)tunnel->restarts,
			  "history", history_json(&tunnel->history)));
	json_object_set_new(object, "without", report_names(tunnel_without(tunnel)));
	json_object_set_new(object, "left_out", report_names(tunnel_left_out(tunnel)));
	return object;
}

/* Whether they run over the same hops, and call them the same. */
static bool shares_hops(const struct live_tunnel *tunnel, const struct live_tunnel *other)
{
	const struct plan *plan = tunnel->plan, *others = other->plan;

	if (plan->hop_count != others->hop_count)
		return false;
	for (size_t i = 0; i < plan->hop_count; i++)
		if (tunnel->hops[i] != other->hops[i] ||
		    strcmp(plan->topology->hosts[plan->hops[i].host].name,
			   others->topology->hosts[others->hops[i].host].name) != 0)
			return false;
	return true;
}

json_t *report_brief(const struct live_tunnel *tunnel, const struct live_tunnel *before)
{
	json_t *hops = before && shares_hops(tunnel, before) ? NULL : json_array();
	json_t *forwards = json_array();
	json_t *without =
		tunnel->without && tunnel->without[0] ? report_names(tunnel_without(tunnel)) : NULL;
	json_t *left_out = tunnel->left_out ? report_names(tunnel_left_out(tunnel)) : NULL;

	for (size_t i = 0; hops && i < tunnel->plan->hop_count; i++)
		json_array_append_new(hops, shown_hop(tunnel, i, true));
	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		json_array_append_new(forwards, brief_forward(tunnel, i));
	return json_pack("{s:s, s:s, s:o, s:o, s:o*, s:o*, s:o*, s:o*}", "name", tunnel->name,
			 "state", tunnel_state_name(tunnel->state), "since_s",
			 ago_json(tunnel->since_ms), "forwards", forwards, "hops", hops, "error",
			 trouble_json(tunnel, &tunnel->failure), "without", without, "left_out",
			 left_out);
}

json_t *report_left(const struct live_tunnel *tunnel)
{
	json_t *array = json_array();

	for (size_t i = 0; i < tunnel->plan->forward_count; i++)
		if (tunnel->forwards[i].left)
			json_array_append_new(array, json_string(tunnel->forwards[i].left));
	return array;
}
