#include "planner/plan_view.h"

/* A string, or null. */
static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *host_or_null(const struct topology *topology, size_t host)
{
	return host == TOPOLOGY_NONE ? json_null() : json_string(topology->hosts[host].name);
}

static json_t *hop_id(size_t hop)
{
	return hop == TOPOLOGY_NONE ? json_null() : json_sprintf("h%zu", hop + 1);
}

json_t *plan_end_json(const struct plan *plan, const struct plan_end *end)
{
	json_t *object = json_object();

	json_object_set_new(object, "host", host_or_null(plan->topology, end->host));
	if (end->socks) {
		json_object_set_new(object, "socks", json_true());
	} else if (end->socket) {
		json_object_set_new(object, "socket", json_string(end->socket));
	} else {
		json_object_set_new(object, "address", json_string(end->address));
		json_object_set_new(object, "port", json_integer(end->port));
	}
	if (end->any_port)
		json_object_set_new(object, "auto", json_true());
	return object;
}

static json_t *forwards_json(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->forward_count; i++) {
		const struct plan_forward *forward = &plan->forwards[i];
		json_t *object = json_object();

		json_object_set_new(object, "type", json_string(plan_type_name(forward->type)));
		json_object_set_new(object, "ingress", plan_end_json(plan, &forward->ingress));
		json_object_set_new(object, "egress", plan_end_json(plan, &forward->egress));
		json_object_set_new(object, "hop", hop_id(forward->hop));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *hops_json(const struct plan *plan)
{
	const struct topology *topology = plan->topology;
	json_t *array = json_array();

	for (size_t i = 0; i < plan->hop_count; i++) {
		const struct plan_hop *hop = &plan->hops[i];
		json_t *object = json_object();

		json_object_set_new(object, "id", hop_id(i));
		json_object_set_new(object, "through", hop_id(hop->through));
		json_object_set_new(object, "from", host_or_null(topology, hop->from));
		json_object_set_new(object, "host", host_or_null(topology, hop->host));
		json_object_set_new(object, "address", json_string(hop->address));
		json_object_set_new(object, "port", json_integer(hop->port));
		json_object_set_new(object, "user", text_or_null(hop->user));
		json_object_set_new(object, "vlan", json_string(topology->vlans[hop->vlan].name));
		json_object_set_new(object, "method", json_string("nested"));
		json_object_set_new(object, "assumed", json_boolean(hop->assumed));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *exposure_json(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];
		json_t *object = json_object();

		json_object_set_new(object, "forward", json_integer((json_int_t)segment->forward));
		json_object_set_new(object, "from", host_or_null(plan->topology, segment->from));
		json_object_set_new(object, "to", host_or_null(plan->topology, segment->to));
		json_object_set_new(object, "where", json_string(segment->where));
		json_object_set_new(object, "encrypted_by", text_or_null(segment->encrypted_by));
		json_object_set_new(object, "readable_by", json_string(segment->readable_by));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *texts_json(const char *const *texts, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(texts[i]));
	return array;
}

/* Where me is, and how that is known; null when nobody asked. */
static void add_where(json_t *object, const struct topology *topology,
		      const struct whereabouts *where)
{
	static const char *const how[] = {
		[WHEREABOUTS_SAID] = "said",
		[WHEREABOUTS_RECOGNISED] = "recognised",
		[WHEREABOUTS_FALLBACK] = "fallback",
	};
	json_t *places = json_array();

	for (size_t i = 0; i < where->count; i++)
		json_array_append_new(places, json_string(topology->places[where->places[i]].name));
	json_object_set_new(object, "place", places);
	json_object_set_new(object, "place_by", text_or_null(how[where->how]));
}

static json_t *commands_json(const struct plan *plan, struct arena *arena)
{
	struct plan_command *commands;
	size_t count;
	json_t *array = json_array();

	plan_commands(plan, arena, &commands, &count);
	for (size_t i = 0; i < count; i++) {
		json_t *object = json_object();
		size_t words = 0;

		while (commands[i].argv[words])
			words++;
		json_object_set_new(object, "on", host_or_null(plan->topology, commands[i].on));
		json_object_set_new(object, "argv", texts_json(commands[i].argv, words));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *rejected_json(const struct topology *topology, const struct plan_rejection *rejected,
			     size_t count, struct arena *arena)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct plan_rejection *rejection = &rejected[i];
		const char *place = sources_text(topology->sources, rejection->at, arena);
		json_t *object = json_object();

		json_object_set_new(object, "host", host_or_null(topology, rejection->host));
		json_object_set_new(object, "code",
				    json_string(plan_reason_code(rejection->reason)));
		json_object_set_new(object, "at", text_or_null(place));
		json_object_set_new(object, "text", json_string(rejection->text));
		json_array_append_new(array, object);
	}
	return array;
}

json_t *plan_json(const struct plan *plan)
{
	json_t *object = json_object();
	struct arena arena = {0};

	json_object_set_new(object, "tunnel", json_string(plan->name));
	json_object_set_new(object, "me", host_or_null(plan->topology, plan->me));
	add_where(object, plan->topology, &plan->where);
	json_object_set_new(object, "method", json_string("nested"));
	json_object_set_new(object, "forwards", forwards_json(plan));
	json_object_set_new(object, "hops", hops_json(plan));
	json_object_set_new(object, "exposure", exposure_json(plan));
	json_object_set_new(object, "decided_by", json_string(plan->decided_by));
	json_object_set_new(object, "assumed", texts_json(plan->assumed, plan->assumed_count));
	json_object_set_new(object, "notes", texts_json(plan->notes, plan->note_count));
	json_object_set_new(object, "commands", commands_json(plan, &arena));
	json_object_set_new(
		object, "rejected",
		rejected_json(plan->topology, plan->rejected, plan->rejected_count, &arena));
	arena_finish(&arena);
	return object;
}

json_t *plan_failure_json(const struct topology *topology, const struct plan_failure *failure)
{
	json_t *object = json_object();
	json_t *error = json_object();
	struct arena arena = {0};

	json_object_set_new(error, "code", json_string(failure->code));
	json_object_set_new(error, "text", json_string(failure->text));
	json_object_set_new(error, "help", text_or_null(failure->help));
	json_object_set_new(error, "at",
			    text_or_null(sources_text(topology->sources, failure->at, &arena)));
	json_object_set_new(object, "error", error);
	add_where(object, topology, &failure->where);
	json_object_set_new(
		object, "rejected",
		rejected_json(topology, failure->rejected, failure->rejected_count, &arena));
	arena_finish(&arena);
	return object;
}
