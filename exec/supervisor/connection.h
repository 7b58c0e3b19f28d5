/*
 * Connection: the client's side of the control socket, for the commands. Prints nothing.
 *
 * Finding and starting the supervisor are one step under start.lock, so that two clients never
 * start two supervisors, and no client connects to a supervisor that is about to exit. A supervisor
 * whose socket is gone still has its lock: it is woken, and listens again.
 *
 * Whatever is waited for, the other process may be stopped or slow. So nothing here blocks but poll(): a
 * caller's patience says how long, which signals end the wait, and who tells the user about it.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_CONNECTION_H
#define TUNPLAN_EXEC_SUPERVISOR_CONNECTION_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "exec/system/runtime.h"
#include "topology/base/strbuf.h"

/* How a client waits. */
struct patience {
	int64_t until_ms; /* clock_ms()'s: no longer than until then; -1: for ever */
	const sigset_t
		*mask; /* while waiting: a signal that it lets through may end the wait; or NULL */
	/* Told once about each thing that is waited for longer than a moment: a part of a sentence. */
	void (*tell)(const char *what, void *data);
	void *data;
};

struct connection {
	int fd;              /* -1: none */
	pid_t supervisor;    /* its process, or 0: unknown */
	bool heard;          /* something came since the last request */
	bool told;           /* the user was told that nothing comes */
	struct strbuf input; /* what came and is not yet a whole line */
};

/* What becomes of it when there is no supervisor. */
enum connection_start {
	CONNECTION_LOOK,  /* nothing */
	CONNECTION_CLEAR, /* one is started if another was killed, and clears away what that left */
	CONNECTION_START, /* one is started */
};

/* What a client learns on the way to the supervisor. */
struct connection_news {
	char *why;           /* why it failed: a sentence, or NULL */
	char *passed_over;   /* a sentence: why $XDG_RUNTIME_DIR is not used; or NULL */
	bool started;        /* a supervisor was started */
	bool ends_at_logout; /* runtime_ends_at_logout() */
	bool killed;         /* another was killed, and nobody had cleared away after it */
	size_t left;         /* how many of its ssh processes ran then */
};

/*
 * Connects to the supervisor. Returns 0 and fills *ret_connection; -ESRCH when there is none and none is
 * to be started; -ETIMEDOUT or -EINTR when patience ends, with what was waited for in news->why; or
 * -errno. news is filled in any case: connection_news_finish() frees it.
 */
int connection_open(enum connection_start start, const struct patience *patience,
		    struct connection *ret_connection, struct connection_news *ret_news);

void connection_news_finish(struct connection_news *news);

/* Closes it. Accepts one that is not open. */
void connection_close(struct connection *connection);

/*
 * Waits until the supervisor of the connection, which was told to go, has gone: the next
 * connection_open() finds another. Returns 0, -ETIMEDOUT or -EINTR.
 */
int connection_wait_gone(const struct connection *connection, const struct patience *patience);

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

/* Returns whether a process is stopped: it does nothing until it gets SIGCONT. */
bool connection_is_stopped(pid_t pid);

/* Returns what an answer is waited for from, for a sentence ("the supervisor (process 7)"); free() it. */
char *connection_awaited(const struct connection *connection);

/*
 * Returns a sentence for a supervisor that is gone, as sending to it or waiting for it told with that
 * error: what it wrote last into its log. free() it.
 */
char *connection_ended(int error);

#endif
