/*
 * Supervise: what up, down and status share: they talk to the supervisor, and report if that fails.
 */
#ifndef TUNPLAN_CMD_SUPERVISE_H
#define TUNPLAN_CMD_SUPERVISE_H

#include "cmd/loaded.h"
#include "exec/supervisor/connection.h"
#include "exec/supervisor/protocol.h"

/*
 * Connects; with start, to a supervisor that is started if there is none. Returns EXIT_DONE with
 * *ret_connection open, or with its fd -1 when there is none and start is false; or prints why not
 * and returns EXIT_FAILED.
 */
int supervise_open(bool start, struct connection *ret_connection);

/* Sends a request. Returns EXIT_DONE, or prints why not and returns EXIT_FAILED. */
int supervise_send(struct connection *connection, const struct request *request);

/*
 * Waits for the next event. Returns its name and sets *ret_event (a new reference); or NULL after
 * it printed what is wrong (the supervisor is gone, or refused), or when *ret_error is -ETIMEDOUT
 * or -EINTR, which the caller asked for.
 */
const char *supervise_next(struct connection *connection, int timeout_ms, const sigset_t *mask,
			   json_t **ret_event, int *ret_error);

/*
 * Loads the file, and makes *request be about tunnels of it as seen from this machine: those named,
 * or all when name_count is 0. Returns EXIT_DONE, or says what is wrong and returns the exit status.
 * loaded_finish(ret_loaded), in any case, when the request is done with.
 */
int supervise_in_file(const struct cli *cli, char **names, size_t name_count,
		      struct loaded *ret_loaded, struct request *request);

/* Returns the worse of two exit statuses: interrupted, failed, no path, silent, done. */
int supervise_worse(int a, int b);

/* Returns a string of a JSON object, or "" when it has none of that name. */
const char *supervise_text(const json_t *object, const char *key);

#endif
