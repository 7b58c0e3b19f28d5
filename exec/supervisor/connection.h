/*
 * Connection: the client's side of the control socket, for the commands. Blocking; prints nothing.
 *
 * Finding and starting the supervisor are one step under start.lock, so that two clients never
 * start two supervisors, and no client connects to a supervisor that is about to exit.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_CONNECTION_H
#define TUNPLAN_EXEC_SUPERVISOR_CONNECTION_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>

#include "topology/base/strbuf.h"

struct connection {
	int fd;              /* -1: none */
	struct strbuf input; /* what came and is not yet a whole line */
};

/*
 * Connects to the supervisor; with start, one is started if there is none. Returns 0 and fills
 * *ret_connection; -ESRCH when there is none and start is false; or -errno with a sentence in
 * *ret_why (free() it).
 */
int connection_open(bool start, struct connection *ret_connection, char **ret_why);

/* Closes it. Accepts one that is not open. */
void connection_close(struct connection *connection);

/* Sends one message, whose reference it takes. Returns 0 or -errno. */
int connection_send(struct connection *connection, json_t *message);

/*
 * Waits for the next message: 0 and a new reference in *ret_message; -ETIMEDOUT after timeout_ms
 * (-1: waits for ever); -EINTR when a signal came that `mask` lets through (NULL: the present
 * mask); -EPIPE when the supervisor is gone; -EPROTO when it talks nonsense.
 */
int connection_next(struct connection *connection, int timeout_ms, const sigset_t *mask,
		    json_t **ret_message);

/*
 * Returns a sentence for a supervisor that is gone, as sending to it or waiting for it told with that
 * error: what it wrote last into its log. free() it.
 */
char *connection_ended(int error);

/*
 * Returns whether a supervisor was killed and nobody cleared away after it yet. Sets *ret_running to
 * how many of its ssh processes still run, 0 otherwise.
 */
bool connection_was_killed(size_t *ret_running);

#endif
