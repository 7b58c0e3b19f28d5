/*
 * Session: what one client asked for, and how far its answer is.
 *
 * An `up`, a `down` or a `status` becomes a list of tunnels to watch. Each step compares them with
 * what the client was told last and sends what changed; when all of them have come to rest the
 * session says `done`. A client that goes away, or abandons its `up`, no longer waits: tunnels that
 * nobody else waits for then go, too.
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
