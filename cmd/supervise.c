#include "cmd/supervise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int supervise_open(bool start, struct connection *ret_connection)
{
	char *why = NULL;
	int error = connection_open(start, ret_connection, &why);

	if (!error)
		return EXIT_DONE;
	*ret_connection = (struct connection){.fd = -1};
	if (error == -ESRCH)
		return EXIT_DONE;
	cli_error("%s", why ? why : strerror(-error));
	free(why);
	return EXIT_FAILED;
}

int supervise_send(struct connection *connection, const struct request *request)
{
	int error = connection_send(connection, protocol_request(request));

	if (!error)
		return EXIT_DONE;
	cli_error("cannot talk to the supervisor: %s", strerror(-error));
	return EXIT_FAILED;
}

const char *supervise_next(struct connection *connection, int timeout_ms, const sigset_t *mask,
			   json_t **ret_event, int *ret_error)
{
	json_t *event = NULL;
	int error = connection_next(connection, timeout_ms, mask, &event);
	const char *name;

	*ret_error = error;
	if (error == -ETIMEDOUT || error == -EINTR)
		return NULL;
	if (error) {
		cli_error("the supervisor ended before it answered (%s); its log is "
			  "supervisor.log in the state directory",
			  strerror(-error));
		return NULL;
	}
	name = supervise_text(event, "event");
	if (strcmp(name, "refused") == 0) {
		cli_error("%s", supervise_text(event, "text"));
		json_decref(event);
		*ret_error = -EPROTO;
		return NULL;
	}
	*ret_event = event;
	return name;
}

const char **supervise_names(struct loaded *loaded, const size_t *tunnels, size_t count)
{
	const char **names = arena_array(&loaded->arena, count, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = loaded->topology->tunnels[tunnels[i]].name;
	return names;
}

int supervise_worse(int a, int b)
{
	static const int worst_first[] = {EXIT_INTERRUPTED, EXIT_FAILED, EXIT_NO_PATH, EXIT_SILENT};

	for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++)
		if (a == worst_first[i] || b == worst_first[i])
			return worst_first[i];
	return EXIT_DONE;
}

const char *supervise_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}
