/*
 * Hop: one ssh session, used by one or more tunnels: its state, its master, and why it failed.
 *
 * A hop is identified by its parent (the hop that carries it) and the exact command line of its
 * ssh; tunnels that need an equal hop share it. `users` (tunnels, and the hops that it carries)
 * keep it running; when there are none left, the hop ends its ssh. `holders` keep only the struct:
 * a tunnel still reads the failure of a hop that it no longer uses. A dead hop never comes back:
 * whoever needs one again acquires a new one (hop_pool.h).
 *
 *     waiting -> connecting -> authenticating -> up -> lost
 *                                    \-> failed     \-> ending -> down      (states.h has all)
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_H
#define TUNPLAN_EXEC_TUNNEL_HOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec/ssh/master.h"
#include "exec/ssh/mux.h"
#include "exec/system/clock.h"
#include "exec/system/delay.h"
#include "exec/system/history.h"
#include "exec/tunnel/engine.h"
#include "exec/tunnel/failure.h"
#include "exec/tunnel/states.h"
#include "planner/model/plan.h"

struct live_hop {
	struct engine *engine;
	struct live_hop *parent; /* the hop that carries it, or NULL; used and held */
	bool uses_parent;        /* the parent is still kept running for it */
	char *key; /* its command line, apart from what each incarnation has of its own */
	struct plan_hop plan; /* texts are copies; indexes are those of the first topology */
	char *host;           /* the tunnel host's name */
	char *from;           /* the name of the host that dials it */
	char **env;           /* of the `up` that needed it first */
	enum hop_state state;
	struct history history;
	struct failure failure; /* why it is lost or failed */
	size_t users;
	size_t holders;
	size_t probes; /* of forwards, under way */
	char *socket;  /* the control path of its master, from just before it starts; or NULL */
	char *log;     /* and the file of its stderr */
	struct master *master;  /* NULL before it started and after it was reaped */
	bool master_ended;      /* to be reaped at the next step */
	struct delay *deadline; /* of the bring-up */
	off_t parent_log_from;  /* where the parent's log stood when this hop was dialled */
	off_t log_from;         /* what its own log said before concerns older troubles */
	struct mux_call *ping;  /* is the master alive? */
	struct mux_call *link;  /* does its far end answer? */
	time_t since;           /* wall clock: the present state was entered */
	uint64_t started_ms;    /* monotonic: ssh was started */
	uint64_t took_ms;       /* from there to up or failed */
	uint64_t verified_ms;   /* monotonic: it last proved that it is alive */
};

/* Does what follows from the present states; called from the engine's step. */
void hop_step(struct live_hop *hop);

/* Ends a bring-up that takes too long: the pool gives each hop a timer for it. */
void hop_too_late(void *hop);

/* Asks its master whether it is alive; one that does not answer is killed, and the hop is lost. */
void hop_verify(struct live_hop *hop);

/* Whether an answer to hop_verify() is outstanding. */
bool hop_is_verifying(const struct live_hop *hop);

/* Whether it is clear who is to blame: false while the far end of its parent is being asked. */
bool hop_is_settled(const struct live_hop *hop);

/* Whether its process is gone, or never was. */
bool hop_is_gone(const struct live_hop *hop);

/* What its log says from now on is about later troubles. */
void hop_log_mark(struct live_hop *hop);

#endif
