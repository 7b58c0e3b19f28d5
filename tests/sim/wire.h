/*
 * Wire: the control socket, and the connections to it: libuv's pipes for the supervisor, lines of text for
 * the simulated clients.
 */
#ifndef TUNPLAN_TESTS_SIM_WIRE_H
#define TUNPLAN_TESTS_SIM_WIRE_H

#include <stdbool.h>
#include <uv.h>

struct wire;

/* What a client is told. */
struct wire_events {
	void (*heard)(void *data, const char *line);
	void (*ended)(void *data); /* the supervisor closed, or is gone; the wire is, too */
};

/* Forgets the run before. */
void wire_reset(void);

/* Connects a client with a number of its own. Returns NULL when nobody listens. */
struct wire *wire_connect(unsigned number, const struct wire_events *events, void *data);

/* The client sends a line, which gets its end here. */
void wire_send(struct wire *wire, const char *line);

/* The client goes; it hears nothing any more. */
void wire_close(struct wire *wire);

/* The client stops to read, or goes on. */
void wire_read(struct wire *wire, bool reads);

/* Whether the supervisor listens at a path. */
bool wire_listens(const char *path);

/* The descriptor that stands for where the supervisor listens; whether somebody waits there. */
int wire_listener_fd(void);
bool wire_is_waiting(void);

/* The supervisor closes a pipe; the loop is done with closing it; it was killed with all of them. */
void wire_pipe_closes(uv_pipe_t *pipe);
void wire_pipe_closed(uv_pipe_t *pipe);
void wire_supervisor_died(void);

#endif
