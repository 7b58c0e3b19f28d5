#include "cmd/restart_supervisor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/result.h"
#include "cmd/supervise.h"
#include "exec/system/clock.h"

/* What was up is up again within this, if nothing is wrong; and how often that is asked. */
#define SETTLED_MS 3000
#define ASK_MS     20

/* Whether one is still on its way. */
static bool is_moving(const json_t *tunnel)
{
	const char *state = supervise_text(tunnel, "state");

	return strcmp(state, "starting") == 0 || strcmp(state, "reconnecting") == 0 ||
	       strcmp(state, "stopping") == 0;
}

static size_t count_moving(const json_t *tunnels)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(tunnels); i++)
		count += is_moving(json_array_get(tunnels, i));
	return count;
}

/* Asks what there is until that has settled, or does not soon. */
static int wait_settled(struct supervise *talk, json_t **ret_tunnels)
{
	const uint64_t until_ms = clock_ms() + SETTLED_MS;
	struct wait wait = wait_begin(&talk->patience);
	int status = supervise_list(talk, ret_tunnels), ready;

	while (status == EXIT_DONE && count_moving(*ret_tunnels) && clock_ms() < until_ms) {
		ready = wait_for(&wait, -1, 0, ASK_MS);
		if (ready < 0)
			return supervise_gave_up(talk, ready);
		json_decref(*ret_tunnels);
		status = supervise_list(talk, ret_tunnels);
	}
	return status;
}

static bool has_failed(const json_t *tunnel)
{
	return strcmp(supervise_text(tunnel, "state"), "failed") == 0;
}

/* Says what the new one has; what is not up, or not yet, is named. */
static int tell(const struct cli *cli, const struct supervise *talk, json_t *tunnels)
{
	const size_t listed = json_array_size(tunnels);
	size_t count = listed;
	int status = EXIT_DONE;

	for (size_t i = 0; i < listed; i++) {
		const json_t *tunnel = json_array_get(tunnels, i);

		count -= json_is_true(json_object_get(tunnel, "remembered"));
		if (!is_moving(tunnel) && !has_failed(tunnel))
			continue;
		status = EXIT_FAILED;
		cli_error("%s %s %s: `tunplan status` says why", supervise_text(tunnel, "name"),
			  has_failed(tunnel) ? "has" : "is", supervise_text(tunnel, "state"));
	}
	if (cli->json)
		result_print_json(json_pack(
			"{s:i, s:s, s:O, s:o*}", "supervisor", (int)talk->connection.supervisor,
			"version", TUNPLAN_VERSION, "tunnels", tunnels, "error", cli_why(status)));
	else if (talk->connection.fd < 0)
		fputs("nothing is up, and no supervisor runs\n", stderr);
	else
		fprintf(stderr, "supervisor %d (tunplan %s) has taken over %zu tunnel%s\n",
			(int)talk->connection.supervisor, TUNPLAN_VERSION, count,
			count == 1 ? "" : "s");
	return status;
}

/* The old one leaves all to the one that is started then. */
static int replace(struct supervise *talk)
{
	char *why = NULL;
	int error = find_and_let_go(&talk->patience, &why), status = EXIT_DONE;

	if (error == -ETIMEDOUT || error == -EINTR) {
		status = supervise_gave_up(talk, error);
	} else if (error && error != -ESRCH) {
		cli_error("%s", why ? why : strerror(-error));
		status = EXIT_FAILED;
	}
	free(why);
	return status == EXIT_DONE ? supervise_open(talk, FIND_CLEAR) : status;
}

int restart_supervisor(const struct cli *cli, int timeout_ms)
{
	json_t *tunnels = NULL;
	struct supervise talk;
	int status;

	supervise_init(&talk, timeout_ms);
	status = replace(&talk);
	if (status == EXIT_DONE)
		status = wait_settled(&talk, &tunnels);
	if (status == EXIT_DONE)
		status = tell(cli, &talk, tunnels);
	json_decref(tunnels);
	supervise_finish(&talk);
	return status;
}
