/*
 * Tunnel: one tunnel that is wanted: its plan, the hops that it uses, its forwards.
 *
 * It is identified by the real path of its file, the name of this machine in it, and its own name.
 * It holds the snapshot that it was planned from. One that was up and is not any more keeps what still
 * lives of it, and the rest is tried again for ever: it is reconnecting, or has failed where somebody must
 * act, and then it is tried seldom. One that never got up ends, unless it is to persist, and so does one
 * whose plan an `up` changes: then a new tunnel of that identity takes its place (succession.h), and each of
 * its forwards waits until the old one's has left its listener.
 *
 * Two counters: `refs` of those who look at it, `waiters` of those who wait for it to be up. One that
 * starts and is neither `kept` nor `unattended` stops when its last waiter has gone.
 *
 *     starting -> up | silent | stalled <-> reconnecting | failed -> stopping -> down   (states.h has all)
 */
#ifndef TUNPLAN_EXEC_TUNNEL_TUNNEL_H
#define TUNPLAN_EXEC_TUNNEL_TUNNEL_H

#include "exec/system/history.h"
#include "exec/tunnel/forward.h"
#include "exec/tunnel/hop.h"
#include "exec/tunnel/snapshot.h"

struct live_tunnel {
	struct engine *engine;
	struct arena arena; /* the strings below, and the plan */
	const char *file;
	const char *me;
	const char *name;
	struct snapshot *snapshot;
	struct snapshot *latest; /* the newest one in which its plan is the same; held */
	const struct plan *plan;
	struct live_hop **hops;        /* plan->hop_count of them, in the plan's order; held */
	struct live_forward *forwards; /* plan->forward_count */
	struct history history;
	unsigned long
		number; /* in the history on disk (history_note.h); 0: it is not told of there yet */
	const char *untold;     /* the same as of a hop (hop.h), or NULL */
	struct failure failure; /* why it is not up: the shallowest hop that is not, or a forward */
	uint64_t since_ms;      /* monotonic: the present state was entered */
	uint64_t
		before_ms; /* monotonic: it was up under another supervisor, until it gets up; else 0 */
	uint64_t released_ms; /* monotonic: it let go of its hops */
	size_t refs;
	size_t waiters;
	char **without; /* hosts that its `up` did not want to be passed; NULL-terminated, or NULL */
	/* another path than the first choice (another_path.h): */
	char **left_out; /* hosts that did not answer, and that it does without; the same */
	char *elsewhere; /* a path that is worse, and how to take it, or another place's: advice, or NULL */
	uint64_t next_path_ms; /* monotonic: no other path is looked for before */
	unsigned trials;       /* how many others were begun for what it is wanted for (trial.h) */
	uint64_t returned_ms;  /* monotonic: it went back to the first choice; 0: never */
	uint8_t least_trust;   /* of the hosts that it may pass then (enum trust) */
	/* where this machine is (elsewhere.h): */
	struct snapshot *
		here; /* by which it is to be planned now, if its plan is another's; held, or NULL */
	struct retry move; /* how often that was tried in vain */
	uint64_t move_ms;  /* monotonic: when it is tried next */
	uint64_t located;  /* the engine's `moves` after which its places were looked at last */
	bool roams;        /* they are looked at again: nobody has said them */
	bool moves;        /* on trial: by the plan of where this machine is now */
	bool on_trial; /* it is to take the place of one that is not up; nobody sees it until then */
	bool needs_hops; /* its hops have to be up for it */
	bool kept;       /* it was up, or is to persist: what is not up is tried again */
	bool was_up;
	bool yields; /* its listeners are closed: another one is to have their places (succession.h) */
	bool unattended; /* nobody means to wait for it */
	enum tunnel_state state;
	unsigned restarts;            /* how often it was up, and then reconnecting */
	struct live_tunnel *replaces; /* whose place it takes when it is made; held, or NULL */
};

/*
 * Makes a tunnel for a plan, with its hops acquired; env is that of the `up`. It holds the snapshot that
 * the plan was made from, and takes the arena that the plan is in, which is empty then. Bring-up starts
 * with the engine's next step. asked: an `up` wants it now, so what of it is there and was lost is tried at once.
 */
struct live_tunnel *tunnel_create(struct engine *engine, struct snapshot *snapshot,
				  const struct plan *plan, struct arena *arena,
				  const char *const *env, enum hop_asked asked);

/*
 * Looks whether somebody else has a place on this machine where a new tunnel is to listen. Then it fails with the next step,
 * and no login is made for it.
 */
void tunnel_foresee(struct live_tunnel *tunnel);

/*
 * It was wanted under another supervisor, and takes over what that has left (hop_adopt.h). was_up: it had been up, and is kept;
 * else nobody waits for it.
 */
void tunnel_take_over(struct live_tunnel *tunnel, bool was_up);

/* Nothing was left of one that was to be taken over: it has failed, and goes; no login is made for it. */
void tunnel_lose(struct live_tunnel *tunnel);

/*
 * An `up` asks for one that is there already: what failed starts again with that environment, a stalled hop
 * gets another ssh, and all egresses are probed again.
 */
void tunnel_again(struct live_tunnel *tunnel, const char *const *env);

/* The same for what is up of it: its hops get new masters, and those of others on them move along. */
void tunnel_renew(struct live_tunnel *tunnel, const char *const *env);

/* Nobody wants that any more: as far as it has not begun to carry, nothing changes. */
void tunnel_renew_cancel(struct live_tunnel *tunnel);

/* Whether a hop of it has a new master that is to take over from another one. */
bool tunnel_is_renewing(const struct live_tunnel *tunnel);

/* Notes that its plan is the same in a newer snapshot. */
void tunnel_confirm(struct live_tunnel *tunnel, struct snapshot *latest);

/*
 * Set the hosts that no path of it may pass, because its `up` asks for that, or because they do not answer: their names,
 * NULL-terminated or NULL; and return these.
 */
void tunnel_set_without(struct live_tunnel *tunnel, const char *const *without);
void tunnel_leave_out(struct live_tunnel *tunnel, const char *const *left_out);
const char *const *tunnel_without(const struct live_tunnel *tunnel);
const char *const *tunnel_left_out(const struct live_tunnel *tunnel);

/* Counts one who looks at it, or one less; a tunnel that is down and not looked at is freed. */
void tunnel_refer(struct live_tunnel *tunnel);
void tunnel_forget(struct live_tunnel *tunnel);

/* Counts one who waits for it to be up, or one less: a tunnel that nobody wants any more stops. */
void tunnel_wait(struct live_tunnel *tunnel);
void tunnel_unwait(struct live_tunnel *tunnel);

/*
 * The last one who waited for its first start has given up, for a reason: it has failed, unless it was interrupted,
 * and goes.
 */
void tunnel_give_up(struct live_tunnel *tunnel, const char *words);

/* The engine is told of one that has failed (a first attempt: if somebody waited for it), before it is stopped. */
void tunnel_tell_failed(struct live_tunnel *tunnel);

/* Takes it down; TUNNEL_DOWN follows. code says why ("stopped"), for those who wait for it. */
void tunnel_stop(struct live_tunnel *tunnel, const char *code, const char *words);

/*
 * Asks all its masters whether they answer, and the kernel whether its listeners are there, and ends nothing; until
 * the answers tunnel_is_looking().
 */
void tunnel_look(struct live_tunnel *tunnel);

/* Learns from the logs of its masters which of its egresses were reached by its users. */
void tunnel_learn(struct live_tunnel *tunnel);

/* Probes its egresses again; until they answered tunnel_is_probing(). */
void tunnel_reprobe(struct live_tunnel *tunnel);

/*
 * The same, for those of which the file says how often, and it is time. Returns in how many ms it is for the next one;
 * UINT64_MAX: never.
 */
uint64_t tunnel_reprobe_due(struct live_tunnel *tunnel);

/* Whether a master, or an egress, still has to answer. */
bool tunnel_is_looking(const struct live_tunnel *tunnel);
bool tunnel_is_probing(const struct live_tunnel *tunnel);

/* Whether nothing is being asked, no ssh is on its way up, and who is to blame is known. */
bool tunnel_is_settled(const struct live_tunnel *tunnel);

/* Does what follows from the present states; called from the engine's step. */
void tunnel_step(struct live_tunnel *tunnel);

/* Frees the tunnels that are down and that nobody looks at. */
void tunnel_reap(struct engine *engine);

/* Returns the tunnel of that identity that is not on its way down and not on trial, or NULL. */
struct live_tunnel *tunnel_find(const struct engine *engine, const char *file, const char *me,
				const char *name);

/* Whether it is up, whether or not its egresses answer. */
bool tunnel_works(const struct live_tunnel *tunnel);

/* Whether a plan would build the very same hops and forwards. */
bool tunnel_matches_plan(const struct live_tunnel *tunnel, const struct plan *plan);

#endif
