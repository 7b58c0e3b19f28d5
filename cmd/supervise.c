#include "cmd/supervise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/targets.h"

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

static void print_ended(int error)
{
	char *sentence = connection_ended(error);

	cli_error("%s", sentence);
	free(sentence);
}

int supervise_send(struct connection *connection, const struct request *request)
{
	int error = connection_send(connection, protocol_request(request));

	if (!error)
		return EXIT_DONE;
	print_ended(error);
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
		print_ended(error);
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

static int name_tunnels(const struct cli *cli, struct loaded *loaded, char **names,
			size_t name_count, struct request *request)
{
	struct targets targets;
	int status = targets_find(cli, loaded, names, name_count, false, &targets);
	const char **wanted;

	if (status != EXIT_DONE)
		return status;
	wanted = arena_array(&loaded->arena, targets.count, sizeof(*wanted));
	for (size_t i = 0; i < targets.count; i++)
		wanted[i] = targets.tunnels[i]->name;
	request->tunnels = wanted;
	request->tunnel_count = targets.count;
	return EXIT_DONE;
}

int supervise_in_file(const struct cli *cli, char **names, size_t name_count,
		      struct loaded *ret_loaded, struct request *request)
{
	int status = loaded_read(cli, ret_loaded);

	if (status == EXIT_DONE && name_count)
		status = name_tunnels(cli, ret_loaded, names, name_count, request);
	if (status == EXIT_DONE && loaded_require_me(ret_loaded) == TOPOLOGY_NONE)
		status = EXIT_USAGE;
	if (status != EXIT_DONE)
		return status;
	request->file = ret_loaded->path;
	request->me = ret_loaded->topology->hosts[ret_loaded->me].name;
	return EXIT_DONE;
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
