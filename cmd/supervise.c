#include "cmd/supervise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exec/supervisor/failed.h"
#include "exec/system/clock.h"

void supervise_init(struct supervise *talk, int timeout_ms)
{
	*talk = (struct supervise){
		.patience = {.until_ms = timeout_ms < 0 ? -1 : (int64_t)clock_ms() + timeout_ms,
			     .tell = cli_note_wait},
		.timeout_ms = timeout_ms,
		.connection.fd = -1,
	};
}

void supervise_finish(struct supervise *talk)
{
	connection_close(&talk->connection);
	find_news_finish(&talk->news);
}

int supervise_gave_up_on(const struct supervise *talk, int error, const char *what)
{
	if (error == -EINTR)
		return EXIT_INTERRUPTED;
	cli_error("gave up after %g s, waiting for %s", talk->timeout_ms / 1000.0, what);
	return EXIT_FAILED;
}

int supervise_gave_up(const struct supervise *talk, int error)
{
	char *what = connection_awaited(&talk->connection);
	int status = supervise_gave_up_on(talk, error, what);

	free(what);
	return status;
}

int supervise_open(struct supervise *talk, enum find_start start)
{
	int error;

	supervise_finish(talk);
	talk->start = start;
	error = connection_open(start, &talk->patience, &talk->connection, &talk->news);
	if (talk->news.passed_over && !talk->noted)
		cli_note("%s", talk->news.passed_over);
	talk->noted = true;
	if (!error || error == -ESRCH)
		return EXIT_DONE;
	if (error == -ETIMEDOUT || error == -EINTR)
		return supervise_gave_up_on(talk, error, talk->news.why);
	cli_error("%s", talk->news.why ? talk->news.why : strerror(-error));
	return EXIT_FAILED;
}

static void print_ended(const struct supervise *talk, int error)
{
	char *sentence = connection_ended(&talk->connection, error);

	cli_error("%s", sentence);
	free(sentence);
}

int supervise_send(struct supervise *talk, const struct request *request)
{
	int error = connection_send(&talk->connection, protocol_request(request), &talk->patience);

	if (!error)
		return EXIT_DONE;
	if (error == -ETIMEDOUT || error == -EINTR)
		return supervise_gave_up(talk, error);
	if (error == -EILSEQ)
		cli_error("a name or path of the request is not UTF-8");
	else
		print_ended(talk, error);
	return EXIT_FAILED;
}

/*
 * Whether what was asked can be asked once more of what there is now: a supervisor that was there before, and was killed
 * before it said anything, has left its record.
 */
static bool can_look_again(const struct supervise *talk)
{
	return talk->start == FIND_LOOK && !talk->connection.heard &&
	       connection_outlived(&talk->connection);
}

const char *supervise_next(struct supervise *talk, json_t **ret_event, int *ret_error)
{
	json_t *event = NULL;
	int error = connection_next(&talk->connection, &talk->patience, &event);
	const char *name;

	*ret_error = error;
	if (error == -ETIMEDOUT || error == -EINTR)
		return NULL;
	if (error && can_look_again(talk)) {
		*ret_error = -ESHUTDOWN;
		return NULL;
	}
	if (error) {
		print_ended(talk, error);
		return NULL;
	}
	name = supervise_text(event, "event");
	if (strcmp(name, "refused") == 0) {
		*ret_error = -EPROTO;
		if (strcmp(supervise_text(event, "code"), "leaving") == 0)
			*ret_error = -ESHUTDOWN;
		else
			cli_error("%s", supervise_text(event, "text"));
		json_decref(event);
		return NULL;
	}
	*ret_event = event;
	return name;
}

int supervise_list(struct supervise *talk, json_t **ret_listed)
{
	const struct request request = {.op = OP_LIST};
	json_t *event = NULL;
	int error = -ESHUTDOWN, status = EXIT_DONE;

	*ret_listed = json_array();
	while (talk->connection.fd >= 0 && error == -ESHUTDOWN) {
		status = supervise_send(talk, &request);
		if (status != EXIT_DONE)
			return status;
		if (supervise_next(talk, &event, &error)) {
			json_array_extend(*ret_listed, json_object_get(event, "tunnels"));
			json_decref(event);
			return EXIT_DONE;
		}
		/* Who leaves has written down what there is to know when it has gone. */
		if (error == -ESHUTDOWN)
			status = supervise_open(talk, talk->start);
	}
	if (error == -ETIMEDOUT || error == -EINTR)
		return supervise_gave_up(talk, error);
	if (error != -ESHUTDOWN)
		return EXIT_FAILED;
	for (size_t i = 0; i < json_array_size(talk->news.failed); i++)
		json_array_append_new(*ret_listed,
				      failed_report(json_array_get(talk->news.failed, i)));
	return status;
}

int supervise_worse(int a, int b)
{
	static const int worst_first[] = {EXIT_INTERRUPTED, EXIT_FAILED, EXIT_TOPOLOGY,
					  EXIT_NO_PATH, EXIT_SILENT};

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
