/*
 * Connection: the client's side of the control socket, for the commands. Prints nothing, and blocks only as
 * its caller's patience says (patience.h).
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_CONNECTION_H
#define TUNPLAN_EXEC_SUPERVISOR_CONNECTION_H

#include <jansson.h>
#include <stdbool.h>

#include "exec/supervisor/find.h"
#include "exec/system/patience.h"
#include "topology/base/strbuf.h"

struct connection {
	int fd;              /* -1: none */
	pid_t supervisor;    /* its process, or 0: unknown */
	bool heard;          /* something came: it is at work, and not stopped */
	bool told;           /* the user was told that nothing comes */
	struct strbuf input; /* what came and is not yet a whole line */
	size_t searched;     /* so much of it has no end of a line */
};

/*
 * Connects to the supervisor as find_supervisor() does, whose errors it returns; 0 with *ret_connection
 * open.
 */
int connection_open(enum find_start start, const struct patience *patience,
		    struct connection *ret_connection, struct find_news *ret_news);

/* Closes it. Accepts one that is not open. */
void connection_close(struct connection *connection);

/*
 * Sends one message, whose reference it takes. Returns 0 (also when the supervisor is gone: it may have
 * said why, connection_next() tells), -ETIMEDOUT, -EINTR or -errno.
 */
int connection_send(struct connection *connection, json_t *message,
		    const struct patience *patience);

/*
 * Waits for the next message: 0 and a new reference in *ret_message; -ETIMEDOUT or -EINTR when patience
 * ends; -EPIPE when the supervisor is gone; -EPROTO when it talks nonsense.
 */
int connection_next(struct connection *connection, const struct patience *patience,
		    json_t **ret_message);

/* Returns what an answer is waited for from, for a sentence ("the supervisor (process 7)"); free() it. */
char *connection_awaited(const struct connection *connection);

/* Whether the supervisor at its other end is dead, or dies just now; false where the kernel does not tell who that is. */
bool connection_outlived(const struct connection *connection);

/*
 * Returns a sentence for a supervisor that has ended the connection, as sending to it or waiting for it told with that
 * error: that it goes on, or else what it wrote last into its log. free() it.
 */
char *connection_ended(const struct connection *connection, int error);

#endif
