/*
 * Stray: a listener that a supervisor which is no more has asked an ssh for, until its forward asks for it again. ssh says
 * yes to that, and goes on listening. One that no forward is to have there is closed.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_STRAY_H
#define TUNPLAN_EXEC_TUNNEL_STRAY_H

#include "exec/tunnel/forward.h"

struct stray {
	struct engine *engine;
	char *socket;  /* of the ssh */
	char *host;    /* on which that ends: where a remote one is */
	char *key;     /* forward_names.key, of the forward that asked */
	char *private; /* forward_names.private, of one that is a path elsewhere; or NULL */
	struct mux_forward mux; /* its texts are the stray's */
	struct incarnation *on; /* held while it is closed, or NULL */
	struct link_request *request;
	bool closed;
	/* monotonic: its ssh did not answer, and is asked again then; meanwhile it goes when that ends; or 0 */
	uint64_t again_ms;
};

/* Adds a copy to those of the engine. */
void stray_add(struct engine *engine, const struct stray *stray);

/* Returns the port of what a forward had asked for, or 0: nothing is known of that. */
uint16_t stray_port(const struct live_forward *forward);

/* Whether an ssh may listen for a forward that has not asked for it yet. */
bool stray_is_left(const struct live_forward *forward);

/* Returns another forward that is to go on with what its ssh has at the place where this one wants to listen, or NULL. */
const struct live_forward *stray_heir(const struct live_forward *forward);

/* Whether another one is at the place for which a forward is about to ask an incarnation; NULL: whether any is. */
bool stray_is_in_the_way(const struct live_forward *forward, const struct incarnation *on);

/* Whether one at the place of a forward is being closed, or will be, because nobody wants it. */
bool stray_is_leaving(const struct live_forward *forward);

/* Whether what a forward is about to ask an incarnation for is what that was asked for before. */
bool stray_is_its_own(const struct live_forward *forward, const struct incarnation *on);

/* Whether that forward itself has asked for it. */
bool stray_was_its(const struct live_forward *forward, const struct incarnation *on);

/* The forward asks its ssh: what that has for it is no stray any more. Returns whether it has anything. */
bool stray_take(const struct live_forward *forward);

/* Closes those that no forward is to have; called from the engine's step. */
void stray_step(struct engine *engine);

#endif
