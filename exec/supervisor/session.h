/*
 * Session: one client's request, and how far its answer is.
 *
 * An `up`, a `down` or a `status` becomes a list of tunnels to watch. Each step compares their
 * states with what the client was told last and sends the changes; once all tunnels have settled,
 * the session sends `done`, and the client may ask for something else. A client that disconnects, or
 * abandons its `up`, waits no longer; a starting tunnel that no other client waits for is then taken down.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_SESSION_H
#define TUNPLAN_EXEC_SUPERVISOR_SESSION_H

#include "exec/supervisor/control.h"
#include "exec/supervisor/protocol.h"
#include "exec/tunnel/engine.h"

struct session;

/* What sessions need of the supervisor, which owns it. */
struct session_host {
	struct engine *engine;
	/*
	 * Asked before an `up` begins. Returns why it may not (free() it), with a code for the client; or NULL:
	 * what is wanted is written down.
	 */
	char *(*refuses)(struct session_host *host, const struct request *up,
			 const char **ret_code);
	/* A sentence that every status tells, or NULL. */
	char *trouble;
	/* The tunnels that failed, and of which nothing runs any more (failed.h). */
	json_t *failed;
};

/* Takes a client's message: a request makes its session. NULL is what was no JSON. */
void session_message(struct session_host *host, struct client *client, const json_t *message);

/* Ends the session of a client that is gone. Accepts NULL. */
void session_gone(struct session *session);

/*
 * Another tunnel takes the place of one, because a host of that does not answer: those who watch it, and wait for it, do so
 * with the other one, and are told.
 */
void session_follow(struct engine *engine, struct live_tunnel *tunnel, struct live_tunnel *other);

/* Sends what changed; called from the engine's step. */
void session_step(struct session *session);

#endif
