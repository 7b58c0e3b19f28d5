/*
 * Elsewhere: what becomes of tunnels when this machine is at other places of their file than when they were planned.
 *
 * After a change of the network, or when the machine has slept, it is found out where this machine is (place_look.h), at
 * once and again some seconds later, for all tunnels whose places nobody has said. One whose plan from there is another
 * is made anew by it, beside the one that there is, on trial (trial.h), and takes its place when it is made
 * (succession.h): what works is not broken before. If it does not get up, it is tried again when retry.h says. What has
 * the same plan there goes on as it is. While no interface is up that leads anywhere, this machine is nowhere.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_ELSEWHERE_H
#define TUNPLAN_EXEC_SUPERVISOR_ELSEWHERE_H

#include "exec/tunnel/tunnel.h"

struct elsewhere;

struct elsewhere *elsewhere_create(struct engine *engine);

/* Frees it. Accepts NULL. */
void elsewhere_destroy(struct elsewhere *elsewhere);

/* Looks after where this machine is, and after what is not by the plan of that; called from the engine's step. */
void elsewhere_step(struct elsewhere *elsewhere);

/* An `up` has just said by which plan a tunnel is to be. roams: its places were recognised just now, and not said. */
void elsewhere_settle(struct live_tunnel *tunnel, bool roams);

/*
 * A tunnel did not get up, and there is no other path, or not its listeners: notes that, if it was made for where this
 * machine is.
 */
void elsewhere_failed(struct live_tunnel *trial);

#endif
