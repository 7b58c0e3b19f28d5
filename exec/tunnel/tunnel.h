/*
 * Tunnel: one tunnel that is wanted: its plan, the hops that it uses, its forwards.
 *
 * It is identified by the real path of its file, the name of this machine in it, and its own name.
 * It holds the snapshot that it was planned from. A tunnel that has ended never comes back: another
 * `up` makes a new one, which waits for the old one (its predecessor) if that is still going down.
 *
 *     starting -> up | degraded -> failed -> stopping -> down      (states.h has all)
 */
#ifndef TUNPLAN_EXEC_TUNNEL_TUNNEL_H
#define TUNPLAN_EXEC_TUNNEL_TUNNEL_H

#include "exec/tunnel/forward.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/snapshot.h"

struct live_tunnel {
	struct engine *engine;
	struct arena arena; /* the strings below */
	const char *file;
	const char *me;
	const char *name;
	struct snapshot *snapshot;
	struct snapshot *latest;       /* the newest one in which its plan is the same; held */
	const struct plan *plan;       /* in the snapshot's arena */
	struct live_hop **hops;        /* plan->hop_count of them, in the plan's order; held */
	bool uses_hops;                /* they are kept running for it */
	struct live_forward *forwards; /* plan->forward_count */
	enum tunnel_state state;
	struct history history;
	struct failure failure; /* why it failed: the shallowest dead hop, or a forward */
	time_t since;           /* wall clock: the present state was entered */
	size_t holders;         /* sessions that look at it, and a successor */
	size_t waiters;         /* sessions that wait for it to be up */
	bool kept;              /* it was up, or nobody meant to wait: it does not need a waiter */
	struct live_tunnel *predecessor; /* its listeners must be gone first; held, or NULL */
};

/*
 * Makes a tunnel for a plan, with its hops acquired; env is that of the `up`. It holds the
 * snapshot, and the predecessor if there is one. Bring-up starts with the engine's next step.
 */
struct live_tunnel *tunnel_create(struct engine *engine, struct snapshot *snapshot,
				  const struct plan *plan, const char *const *env,
				  struct live_tunnel *predecessor);

/* Notes that its plan is the same in a newer snapshot. */
void tunnel_confirm(struct live_tunnel *tunnel, struct snapshot *latest);

/* Counts one who looks at it, or one less; a tunnel that is down and not looked at is freed. */
void tunnel_hold(struct live_tunnel *tunnel);
void tunnel_forget(struct live_tunnel *tunnel);

/* Counts one who waits for it to be up, or one less: a tunnel that nobody wants any more stops. */
void tunnel_wait(struct live_tunnel *tunnel);
void tunnel_unwait(struct live_tunnel *tunnel);

/* Takes it down; TUNNEL_DOWN follows. code says why ("stopped"), for those who wait for it. */
void tunnel_stop(struct live_tunnel *tunnel, const char *code, const char *words);

/* Asks all its masters whether they are alive; tunnel_is_settled() when they answered. */
void tunnel_verify(struct live_tunnel *tunnel);

/* Probes its egresses again; tunnel_is_settled() when they answered. */
void tunnel_reprobe(struct live_tunnel *tunnel);

/* Whether nothing is being asked: all answers are in, and who is to blame is known. */
bool tunnel_is_settled(const struct live_tunnel *tunnel);

/* Does what follows from the present states; called from the engine's step. */
void tunnel_step(struct live_tunnel *tunnel);

/* Frees the tunnels that are down and that nobody looks at. */
void tunnel_reap(struct engine *engine);

/* Returns the tunnel of that identity that is not on its way down, or NULL. */
struct live_tunnel *tunnel_find(const struct engine *engine, const char *file, const char *me,
				const char *name);

/* Returns the tunnel of that identity that is on its way down and came last, or NULL. */
struct live_tunnel *tunnel_find_stopping(const struct engine *engine, const char *file,
					 const char *me, const char *name);

/* Returns another tunnel that listens, or is about to, where this forward wants to; or NULL. */
const struct live_tunnel *tunnel_that_listens(const struct live_forward *forward);

/* Whether a plan would build the very same hops and forwards. */
bool tunnel_matches_plan(const struct live_tunnel *tunnel, const struct plan *plan);

#endif
