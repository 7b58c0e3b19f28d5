#include "planner/views/plan_view.h"

/* A string, or null. */
static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *host_or_null(const struct topology *topology, size_t host)
{
	return host == TOPOLOGY_NONE ? json_null() : json_string(topology->hosts[host].name);
}

static json_t *vlan_or_null(const struct topology *topology, size_t vlan)
{
	return vlan == TOPOLOGY_NONE ? json_null() : json_string(topology->vlans[vlan].name);
}

static const char *relay_name(enum relay relay)
{
	if (relay == 0)
		return NULL;
	return relay == RELAY_SOCAT ? "socat" : "nc";
}

static json_t *hop_id(size_t hop)
{
	return hop == TOPOLOGY_NONE ? json_null() : json_sprintf("h%zu", hop + 1);
}

static json_t *index_or_null(size_t index)
{
	return index == TOPOLOGY_NONE ? json_null() : json_integer((json_int_t)index);
}

json_t *plan_end_json(const struct plan *plan, const struct plan_end *end)
{
	json_t *object = json_object();

	json_object_set_new(object, "host", host_or_null(plan->topology, end->host));
	if (end->joint) {
		json_object_set_new(object, "joint", json_true());
	} else if (end->socks) {
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
		json_object_set_new(object, "of", json_integer((json_int_t)forward->of));
		json_object_set_new(object, "join", index_or_null(forward->join));
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
		json_object_set_new(object, "vlan", vlan_or_null(topology, hop->vlan));
		json_object_set_new(object, "method", json_string(plan_method_name(hop->method)));
		json_object_set_new(object, "client", host_or_null(topology, hop->client));
		json_object_set_new(object, "relay", text_or_null(relay_name(hop->relay)));
		json_object_set_new(object, "key_alias", text_or_null(hop->key_alias));
		json_object_set_new(object, "published", json_boolean(hop->published));
		json_object_set_new(object, "assumed",
				    json_boolean(hop->assumed || hop->key_assumed));
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

static json_t *listeners_json(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t i = 0; i < plan->listener_count; i++) {
		const struct plan_listener *listener = &plan->listeners[i];
		json_t *object = json_object();

		json_object_set_new(object, "forward", json_integer((json_int_t)listener->forward));
		json_object_set_new(object, "loopback", json_boolean(listener->loopback));
		json_object_set_new(object, "open_to", json_string(listener->open_to));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *hosts_json(const struct topology *topology, const size_t *hosts, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_string(topology->hosts[hosts[i]].name));
	return array;
}

/* The paths that the plan is made of, and those beside them that were asked for. */
static json_t *routes_json(const struct plan *plan)
{
	json_t *array = json_array();

	for (size_t r = 0; r < plan->route_count; r++) {
		const struct plan_route *route = &plan->routes[r];
		json_t *object = json_object(), *others = json_array();

		for (size_t i = 0; i < route->alternative_count; i++)
			json_array_append_new(others, hosts_json(plan->topology,
								 route->alternatives[i].hosts,
								 route->alternatives[i].count));
		json_object_set_new(object, "forward", index_or_null(route->forward));
		json_object_set_new(object, "to",
				    json_string(route->to_ingress ? "ingress" : "egress"));
		json_object_set_new(
			object, "hosts",
			hosts_json(plan->topology, route->path.hosts, route->path.count));
		json_object_set_new(object, "decided_by", json_string(plan_decided_by(route)));
		json_object_set_new(object, "alternatives", others);
		json_object_set_new(object, "given_up", json_boolean(route->given_up));
		json_object_set_new(object, "depends_on",
				    route->depends ? hosts_json(plan->topology, route->depends,
								route->depends_count)
						   : json_null());
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
	json_object_set_new(object, "method", json_string(plan_method_name(plan->method)));
	json_object_set_new(object, "forwards", forwards_json(plan));
	json_object_set_new(object, "hops", hops_json(plan));
	json_object_set_new(object, "exposure", exposure_json(plan));
	json_object_set_new(object, "listeners", listeners_json(plan));
	json_object_set_new(object, "routes", routes_json(plan));
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

static json_t *changes_json(const struct topology *topology, const struct plan_near_miss *near_miss,
			    struct arena *arena)
{
	json_t *array = json_array();

	for (size_t i = 0; i < near_miss->change_count; i++) {
		const struct plan_change *change = &near_miss->changes[i];
		json_t *object = json_object();

		json_object_set_new(object, "code", json_string(plan_reason_code(change->reason)));
		json_object_set_new(
			object, "at",
			text_or_null(sources_text(topology->sources, change->at, arena)));
		json_object_set_new(object, "text", json_string(change->what));
		json_object_set_new(object, "from", host_or_null(topology, change->from));
		json_object_set_new(object, "to", host_or_null(topology, change->to));
		json_array_append_new(array, object);
	}
	return array;
}

/* The paths that are complete but for some changes, the nearest first. */
static json_t *nearest_json(const struct topology *topology, const struct plan_failure *failure,
			    struct arena *arena)
{
	json_t *array = json_array();

	for (size_t i = 0; i < failure->near_miss_count; i++) {
		const struct plan_near_miss *near_miss = &failure->near_misses[i];
		json_t *object = json_object();

		json_object_set_new(object, "hosts",
				    hosts_json(topology, near_miss->hosts, near_miss->count));
		json_object_set_new(object, "to",
				    json_string(near_miss->to_ingress ? "ingress" : "egress"));
		json_object_set_new(object, "changes", changes_json(topology, near_miss, arena));
		json_array_append_new(array, object);
	}
	return array;
}

json_t *plan_failure_json(const struct topology *topology, const struct plan_failure *failure)
{
	json_t *object = json_object();
	json_t *error = json_object();
	struct arena arena = {0};

	json_object_set_new(error, "code", json_string(failure->code));
	json_object_set_new(error, "text", json_string(failure->text));
	json_object_set_new(error, "advice", text_or_null(failure->help));
	json_object_set_new(error, "at",
			    text_or_null(sources_text(topology->sources, failure->at, &arena)));
	json_object_set_new(object, "error", error);
	json_object_set_new(object, "nearest", nearest_json(topology, failure, &arena));
	add_where(object, topology, &failure->where);
	json_object_set_new(
		object, "rejected",
		rejected_json(topology, failure->rejected, failure->rejected_count, &arena));
	arena_finish(&arena);
	return object;
}
