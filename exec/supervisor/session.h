/*
 * Session: one client's request, and how far its answer is.
 *
 * An `up`, a `down` or a `status` becomes a list of tunnels to watch. Each step compares their
 * states with what the client was told last and sends the changes; once all tunnels have settled,
 * the session sends `done`. A client that disconnects, or abandons its `up`, waits no longer; a
 * starting tunnel that no other client waits for is then taken down.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_SESSION_H
#define TUNPLAN_EXEC_SUPERVISOR_SESSION_H

#include "exec/supervisor/control.h"
#include "exec/tunnel/engine.h"

struct session;

/* Takes a client's message: the first one makes its session. NULL is what was no JSON. */
void session_message(struct engine *engine, struct client *client, const json_t *message);

/* Ends the session of a client that is gone. Accepts NULL. */
void session_gone(struct session *session);

/* Sends what changed; called from the engine's step. */
void session_step(struct session *session);

#endif
