/*
 * Vigil: looks after all hops with one timer, as far as the kernel tells how they fare, and asks nobody.
 *
 * A first hop whose TCP connection was silent for too long is stalled, and one whose ssh was stopped; both
 * are up again when that is over. While a transfer moves over the first hop, time does not count for what
 * waits behind its bytes: the deadlines of requests, and of hops on their way up.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_VIGIL_H
#define TUNPLAN_EXEC_TUNNEL_VIGIL_H

#include "exec/tunnel/engine.h"

/* Called from the engine's step: sees to it that there is a next look while there are hops. */
void vigil_step(struct engine *engine);

/* Looks at all hops of the engine that is given as data: what engine->vigil calls. */
void vigil_look(void *data);

#endif
