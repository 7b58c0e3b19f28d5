/*
 * Another path: what is done when a host of a tunnel's path cannot be reached, and the file has a path without it.
 *
 * A first attempt goes on by the other path at once, in a tunnel of its own that takes the place of the first. For one
 * that is wanted already, and is not up, the other path is made beside it, on trial, while the first is tried on: which
 * of the two is up first stays. Beside another path that works the first choice is tried in the same way, and when it was
 * well for a minute the tunnel goes back to it (succession.h). Never taken by itself is a path that is worse (worse.h): that is named in the advice, with
 * the command that takes it. What the user asks for (via, exit, avoid, `--without`) is kept to in any case, and
 * `failover: no` leaves all of this out.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_ANOTHER_PATH_H
#define TUNPLAN_EXEC_SUPERVISOR_ANOTHER_PATH_H

#include "exec/tunnel/tunnel.h"

/* A first attempt has failed: begins another one, if there is another path. Returns whether it does. */
bool another_path_first(struct engine *engine, struct live_tunnel *tunnel);

/* An `up` asks for a tunnel that is there: if a host was tried in vain often enough, another path is looked for at once. */
void another_path_hasten(struct live_tunnel *tunnel);

/* Looks after those that are not up, and after what is on trial; called from the engine's step. */
void another_path_step(struct engine *engine);

#endif
