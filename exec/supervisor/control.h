/*
 * Control: the supervisor's socket and its clients: lines of JSON in, lines of JSON out.
 *
 * Knows nothing about tunnels: each client has a session (session.h) for that.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_CONTROL_H
#define TUNPLAN_EXEC_SUPERVISOR_CONTROL_H

#include <jansson.h>
#include <stdbool.h>

struct uv_loop_s;
struct control;
struct client;

/* What the owner is told. */
struct control_events {
	/* A client said something; NULL: a line that was no JSON, or too long. Borrowed. */
	void (*message)(struct client *client, const json_t *message, void *data);
	/* A client is gone; it must not be used any more. */
	void (*gone)(struct client *client, void *data);
};

/*
 * Binds the path (which must not exist) and listens. Returns 0 and sets *ret_control, or libuv's
 * code.
 */
int control_create(struct uv_loop_s *loop, const char *path, const struct control_events *events,
		   void *data, struct control **ret_control);

/* Drops all clients, stops listening and removes the path. Accepts NULL. */
void control_destroy(struct control *control);

/* Returns whether nobody is connected, and nobody is about to be. */
bool control_is_idle(const struct control *control);

/* Sends one message, whose reference it takes. A client that does not read is dropped. */
void client_send(struct client *client, json_t *message);

/* What the owner hangs on a client: NULL at first. */
void *client_get(const struct client *client);
void client_set(struct client *client, void *hung);

#endif
