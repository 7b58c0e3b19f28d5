#include "exec/supervisor/protocol.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "topology/base/memory.h"

static const char *const op_names[] = {
	[OP_LIST] = "list", [OP_HOPS] = "hops",     [OP_UP] = "up",
	[OP_DOWN] = "down", [OP_STATUS] = "status", [OP_ABANDON] = "abandon",
};

static json_t *strings_or_null(const char *const *strings, size_t count)
{
	json_t *array;

	if (!strings)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *text = json_string(strings[i]);

		/* An environment may hold bytes that are no text; ssh can do without those. */
		if (text)
			json_array_append_new(array, text);
	}
	return array;
}

static size_t count_strings(const char *const *strings)
{
	size_t count = 0;

	while (strings && strings[count])
		count++;
	return count;
}

char *protocol_id(const char *file, const char *name, const char *me)
{
	return memory_format("%s#%s@%s", file, name, me);
}

json_t *protocol_request(const struct request *request)
{
	return json_pack(
		"{s:s, s:i, s:s?, s:s?, s:o, s:b, s:s?, s:s?, s:o, s:o, s:o, s:o, s:b, s:b, "
		"s:b, s:b, s:b}",
		"op", op_names[request->op], "v", PROTOCOL_VERSION, "file", request->file, "me",
		request->me, "places", strings_or_null(request->places, request->place_count),
		"roams", request->roams, "text", request->text, "digest", request->digest,
		"tunnels", strings_or_null(request->tunnels, request->tunnel_count), "without",
		strings_or_null(request->without, request->without_count), "ids",
		strings_or_null(request->ids, request->id_count), "env",
		strings_or_null(request->env, count_strings(request->env)), "wait", request->wait,
		"persist", request->persist, "renew", request->renew, "probe", request->probe,
		"brief", request->brief);
}

/* Returns the strings of an array (NULL-terminated), or NULL for what is no array of strings. */
static const char **parse_strings(const json_t *array, size_t *ret_count)
{
	const char **strings;
	if (!json_is_array(array))
		return NULL;
	strings = memory_array(json_array_size(array) + 1, sizeof(*strings));
	for (size_t i = 0; i < json_array_size(array); i++) {
		strings[i] = json_string_value(json_array_get(array, i));
		if (!strings[i]) {
			free(strings);
			return NULL;
		}
	}
	*ret_count = json_array_size(array);
	return strings;
}

static int parse_op(const char *name, enum protocol_op *ret_op)
{
	for (size_t i = 0; name && i < sizeof(op_names) / sizeof(op_names[0]); i++) {
		if (strcmp(name, op_names[i]) == 0) {
			*ret_op = (enum protocol_op)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* What an op cannot do without. */
static bool is_complete(const struct request *request)
{
	switch (request->op) {
	case OP_UP:
		return request->file && request->me && (request->text || request->digest) &&
		       request->tunnels && request->env;
	case OP_DOWN:
	case OP_HOPS:
		return request->ids != NULL;
	case OP_STATUS:
	case OP_LIST:
	case OP_ABANDON:
		break;
	}
	return true;
}

/* Whether something is there that is no array of strings. */
static bool is_refused(const json_t *given, const char **strings)
{
	return given && !json_is_null(given) && !strings;
}

int protocol_parse(const json_t *json, struct request *ret_request)
{
	struct request request = {0};
	const json_t *places = json_object_get(json, "places"), *ids = json_object_get(json, "ids");
	const json_t *without = json_object_get(json, "without");
	size_t env_count = 0;

	if (json_integer_value(json_object_get(json, "v")) != PROTOCOL_VERSION)
		return json_is_object(json) ? -EPROTONOSUPPORT : -EINVAL;
	if (parse_op(json_string_value(json_object_get(json, "op")), &request.op))
		return -EINVAL;
	request.file = json_string_value(json_object_get(json, "file"));
	request.me = json_string_value(json_object_get(json, "me"));
	request.text = json_string_value(json_object_get(json, "text"));
	request.digest = json_string_value(json_object_get(json, "digest"));
	request.roams = json_is_true(json_object_get(json, "roams"));
	request.wait = json_is_true(json_object_get(json, "wait"));
	request.persist = json_is_true(json_object_get(json, "persist"));
	request.renew = json_is_true(json_object_get(json, "renew"));
	request.probe = json_is_true(json_object_get(json, "probe"));
	request.brief = json_is_true(json_object_get(json, "brief"));
	request.places = parse_strings(places, &request.place_count);
	request.tunnels = parse_strings(json_object_get(json, "tunnels"), &request.tunnel_count);
	request.without = parse_strings(without, &request.without_count);
	request.ids = parse_strings(ids, &request.id_count);
	request.env = parse_strings(json_object_get(json, "env"), &env_count);
	if (!is_complete(&request) || is_refused(places, request.places) ||
	    is_refused(without, request.without) || is_refused(ids, request.ids)) {
		request_finish(&request);
		return -EINVAL;
	}
	*ret_request = request;
	return 0;
}

void request_finish(struct request *request)
{
	free(request->places);
	free(request->tunnels);
	free(request->without);
	free(request->ids);
	free((void *)(uintptr_t)request->env);
	*request = (struct request){0};
}

json_t *protocol_event(const char *name)
{
	return json_pack("{s:s}", "event", name);
}
