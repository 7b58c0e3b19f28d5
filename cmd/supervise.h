/*
 * Supervise: what up, down and status share: they talk to the supervisor, tell the user if that takes long,
 * and report if it fails.
 */
#ifndef TUNPLAN_CMD_SUPERVISE_H
#define TUNPLAN_CMD_SUPERVISE_H

#include "cmd/cli.h"
#include "exec/supervisor/connection.h"
#include "exec/supervisor/protocol.h"

/* One command's talk with the supervisor. */
struct supervise {
	struct patience patience;
	int timeout_ms;        /* of the command, from its start; -1: none */
	enum find_start start; /* as it was opened last */
	struct connection connection;
	struct find_news news;
	bool noted; /* what was passed over was told */
};

/* Begins: the time of --timeout runs from here (-1: none). Nothing is connected yet. */
void supervise_init(struct supervise *talk, int timeout_ms);

/* Ends the talk. */
void supervise_finish(struct supervise *talk);

/*
 * Connects. Returns EXIT_DONE with the connection open, or with its fd -1 where there is no supervisor and
 * none is to be started; or prints why not and returns EXIT_FAILED or EXIT_INTERRUPTED.
 */
int supervise_open(struct supervise *talk, enum find_start start);

/* Sends a request. Returns EXIT_DONE, or prints why not and returns EXIT_FAILED or EXIT_INTERRUPTED. */
int supervise_send(struct supervise *talk, const struct request *request);

/*
 * Waits for the next event. Returns its name and sets *ret_event (a new reference). Or NULL with
 * *ret_error -ETIMEDOUT or -EINTR when patience ended; -ESHUTDOWN when the supervisor leaves and took
 * nothing, or one that was found (FIND_LOOK) was killed before it said anything; otherwise after it printed what is
 * wrong (the supervisor is gone, or refused).
 */
const char *supervise_next(struct supervise *talk, json_t **ret_event, int *ret_error);

/*
 * Prints what was waited for when patience ended, and returns the exit status: failed or interrupted. The first waited for
 * the supervisor.
 */
int supervise_gave_up(const struct supervise *talk, int error);
int supervise_gave_up_on(const struct supervise *talk, int error, const char *what);

/*
 * Asks what is up, or has failed: *ret_listed is a new reference to an array. Where there is no supervisor it is what
 * has failed under those before, with all that there is to say of it. One that leaves is waited for: then the connection is closed, or to another one.
 * Returns EXIT_DONE, or the exit status after it printed what is wrong.
 */
int supervise_list(struct supervise *talk, json_t **ret_listed);

/* Returns the worse of two exit statuses: interrupted, failed, topology, no path, silent, done. */
int supervise_worse(int a, int b);

/* Returns a string of a JSON object, or "" when it has none of that name. */
const char *supervise_text(const json_t *object, const char *key);

#endif
