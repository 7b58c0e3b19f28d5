/*
 * Hop: one ssh session that one or more tunnels need: what it is, how it fares, and why it failed.
 *
 * A hop is what it is by its parent (the hop that carries it) and its key: what is dialled, as whom,
 * with what. Tunnels that need an equal hop share it. It goes on as long as somebody needs it; each
 * ssh process that holds it open is an incarnation (incarnation.h). Nothing comes back by itself: a
 * hop that was lost or failed starts its next incarnation when an `up` asks for it again. One that is
 * stalled, or cut off, gets another beside the present one, also for whoever waits for the hop already;
 * until that is up, or if it never is, the present one counts.
 *
 * Two counters: `needs` of those for whom it has to be up (tunnels, and the hops that it carries);
 * `refs` of those who look at the struct (the same, and tunnels that have failed or are going down).
 * At needs 0 its ssh is ended, at refs 0 and with no process left the hop is freed (hop_pool.h).
 *
 *     down -> waiting -> connecting -> authenticating -> up <-> stalled      (states.h has all)
 *                                            \-> failed    \-> lost
 */
#ifndef TUNPLAN_EXEC_TUNNEL_HOP_H
#define TUNPLAN_EXEC_TUNNEL_HOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec/system/clock.h"
#include "exec/system/delay.h"
#include "exec/system/history.h"
#include "exec/system/list.h"
#include "exec/tunnel/engine.h"
#include "exec/tunnel/failure.h"
#include "exec/tunnel/incarnation.h"
#include "exec/tunnel/states.h"
#include "planner/model/plan.h"

struct live_hop {
	struct engine *engine;
	struct live_hop *parent; /* the hop that carries it, or NULL; referred to */
	bool needs_parent;       /* the parent has to be up for it */
	char *key;               /* ssh_argv_key() */
	struct plan_hop plan;    /* texts are copies; indexes are those of the first topology */
	char *host;              /* the tunnel host's name */
	char *from;              /* the name of the host that dials it */
	char **env;              /* of the `up` that asked for it last, for its next ssh */
	size_t needs;
	size_t refs;
	enum hop_state state;
	struct history history;
	struct failure failure; /* why it is lost or failed, stalled, busy, or late to be up */
	struct failure stall;   /* why it was stalled when another ssh was tried */
	struct failure tried;   /* and why that one did not get up, since the hop was up last */

	unsigned generation;         /* of the last incarnation that was made */
	struct incarnation *present; /* the one that counts, from connecting on; or NULL */
	struct incarnation
		*fallback; /* the one before, while a new one is on its way up; or NULL */
	unsigned followed; /* generation of its parent for which another ssh was tried last */
	struct list incarnations; /* struct incarnation, all that are not freed, oldest first */
	struct delay *deadline;   /* of the bring-up */
	uint64_t late_ms;         /* monotonic: and when it really is; it may have moved on */
	struct link_request *question; /* does the present one answer? */
	struct link_request *dial;     /* does its far end? */
	struct link_request
		*sign; /* while it is stalled: a dial whose answer ends that, however late */
	struct list exit_dials; /* struct exit_dial: what its host dials for us (exit_dial.h) */

	uint64_t bytes;       /* a first hop's: over its TCP connection, at the last look */
	uint64_t moved;       /* and since the look before that */
	uint64_t passed;      /* while it connects: bytes that moved on its way since it began */
	uint64_t felt_step;   /* of the engine: hop_feel_once() */
	uint64_t since_ms;    /* monotonic: the present state was entered */
	uint64_t started_ms;  /* monotonic: ssh was started */
	uint64_t took_ms;     /* from there to up or failed */
	uint64_t verified_ms; /* monotonic: it last proved that it is alive */
};

/* Makes one that nobody needs yet. The texts are copied. parent may be NULL. */
struct live_hop *hop_create(struct engine *engine, const struct plan *plan, size_t index,
			    struct live_hop *parent, const char *key, const char *const *env);

/* Frees it: nobody refers to it, no process of it is left, and `exit_dials` are finished. */
void hop_destroy(struct live_hop *hop);

/* One more for whom it has to be up, or one less. */
void hop_need(struct live_hop *hop);
void hop_unneed(struct live_hop *hop);

/* One more who looks at it, or one less. */
void hop_refer(struct live_hop *hop);
void hop_forget(struct live_hop *hop);

/*
 * An `up` asks for it: what is lost or failed starts again with the environment of that `up`, and what is
 * stalled gets another ssh beside the one that there is. Of what is cut off, it may be tried again.
 */
void hop_again(struct live_hop *hop, const char *const *env);

/*
 * Somebody waits for the hop, which is stalled: another ssh is tried beside the one that there is, once until
 * the hop is up again. Returns false when that was done.
 */
bool hop_try_another(struct live_hop *hop);

/*
 * Whether something new, that crosses the link, may be asked of its ssh. If the file of that one's control
 * socket is gone, another ssh is tried beside it, once, and false is returned.
 */
bool hop_can_ask(struct live_hop *hop);

/* Does what follows from the present states; called from the engine's step. */
void hop_step(struct live_hop *hop);

/* The longest time between two looks at a hop, in ms. */
#define HOP_FEEL_MS 20000

/*
 * Sees what the kernel tells of its ssh and of its connection: whether it is stalled, or not any more; and
 * whether an ssh that is on its way up was stopped, which then has not for ever. Returns in how many ms to
 * look again.
 */
uint64_t hop_feel(struct live_hop *hop);

/* The same, for the first who asks in a step of the engine: a thousand forwards may. */
void hop_feel_once(struct live_hop *hop);

/*
 * The same, and asks its ssh whether it answers; a stalled one that another hop carries, whether its host
 * does. It ends nothing: what it finds out is a state, or the reason in `failure`.
 */
void hop_look(struct live_hop *hop);

/* Whether an answer to hop_look() is outstanding. */
bool hop_is_looking(const struct live_hop *hop);

/*
 * Something points at it: asks its host for a sign of life, through the link. Without an answer it is
 * stalled.
 */
void hop_suspect(struct live_hop *hop);

/* Whether it is clear who is to blame: false while its parent's host is being asked. */
bool hop_is_settled(const struct live_hop *hop);

/* Its bring-up has that much more time: its bytes wait behind others. */
void hop_postpone(struct live_hop *hop, uint64_t ms);

/* What the user's ssh_config states of it and of others (ssh_facts.h), or NULL. */
const char *hop_facts(const struct live_hop *hop);

/*
 * What a tunnel host is to dial only to prove that it is there. No host has this address, and every system says
 * so at once: no firewall can be in the way of that answer, as of one from a port on which nothing listens.
 */
#define HOP_NOWHERE      "255.255.255.255"
#define HOP_NOWHERE_PORT 1

/* How long nothing may come over its TCP connection before it is stalled, in ms; 0: for ever. */
uint64_t hop_silence_ms(const struct live_hop *hop);

/* Something came from its far end, just now, and so from those of all hops that carry it. */
void hop_heard(struct live_hop *hop);

/* Nothing comes from its far end: why, as a class of classify.h and in words. */
void hop_quiet(struct live_hop *hop, const char *code, const char *words);

/* Returns the class of why its last ssh ended, or one that carried that, which may not have been told; or NULL. */
const char *hop_why_lost(const struct live_hop *hop);

/* Keeps the logs of its ssh processes short. */
void hop_cap_logs(const struct live_hop *hop);

/* Whether its sshd may still be slow with small answers, for 50 ms at most: no tunnel ends there before. */
bool hop_is_fresh(const struct live_hop *hop);

/* Whether no process of it is left. */
bool hop_is_gone(const struct live_hop *hop);

/* Whether what it carries can be asked for: it is up, or was and may be again. */
bool hop_carries(const struct live_hop *hop);

#endif
