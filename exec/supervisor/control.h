/*
 * Control: the supervisor's socket and its clients: lines of JSON in, lines of JSON out.
 *
 * Knows nothing about tunnels: each client has a session (session.h) for that.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_CONTROL_H
#define TUNPLAN_EXEC_SUPERVISOR_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uv_loop_s;
struct control;
struct client;

/* What the owner is told: from the event loop, and never while the owner calls a function of this file. */
struct control_events {
	/* A client said something; NULL: a line that was no JSON, or too long. Borrowed. */
	void (*message)(struct client *client, const json_t *message, void *data);
	/* A client is gone; it must not be used any more. */
	void (*gone)(struct client *client, void *data);
	/*
	 * How long a client is kept that reads nothing of what waits for it, once that is more than
	 * CONTROL_UNSENT_BYTES.
	 */
	uint64_t patience_ms;
};

/* What may wait for a client that does not read: an answer of any size waits for one that does. */
#define CONTROL_UNSENT_BYTES ((size_t)16 * 1024 * 1024)

/* Makes one that listens nowhere yet. The events must outlive it. */
struct control *control_create(struct uv_loop_s *loop, const struct control_events *events,
			       void *data);

/*
 * Binds the path (which must not exist) and listens; no longer where it listened before. Returns 0 or
 * libuv's code.
 */
int control_listen(struct control *control, const char *path);

/* Returns whether its socket is still where it was bound: its directory may have been removed. */
bool control_is_there(const struct control *control);

/* Drops all clients (their `gone` is told), stops listening and removes the path. Accepts NULL. */
void control_destroy(struct control *control);

/* Returns whether nobody is about to be connected. */
bool control_is_quiet(const struct control *control);

/* Returns whether nobody is connected, and nobody is about to be. */
bool control_is_idle(const struct control *control);

/* Sends one message to every client, whose reference it takes. */
void control_send(struct control *control, json_t *message);

/*
 * Sends one message, whose reference it takes. The client stays, whatever comes of it: one that is gone or
 * does not read is dropped later, from the event loop.
 */
void client_send(struct client *client, json_t *message);

/* What is sent from now on goes out together, when it is let go: the client wakes up once. */
void client_hold(struct client *client);
void client_let_go(struct client *client);

/* Returns how many bytes a client has said and was told. */
uint64_t client_bytes(const struct client *client);

/* What the owner hangs on a client: NULL at first. */
void *client_get(const struct client *client);
void client_set(struct client *client, void *hung);

#endif
