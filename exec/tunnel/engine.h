/*
 * Engine: what hops, tunnels and sessions share, and the one rule by which they work together.
 *
 * Callbacks of the event loop only note what happened (a state, a failure) and schedule the engine.
 * Then, from the loop and never from inside a callback, every hop, tunnel and session takes a step:
 * it looks at the states of the things that it depends on and acts on them. A step with nothing to
 * do does nothing. So no notification can be missed, come twice, or reach an object that was just
 * freed.
 *
 * Owned by the supervisor.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_ENGINE_H
#define TUNPLAN_EXEC_TUNNEL_ENGINE_H

#include "exec/system/delay.h"
#include "exec/system/list.h"
#include "exec/system/port_memory.h"
#include "exec/system/runtime.h"
#include "exec/tunnel/history_note.h"

struct live_tunnel;
struct owner_answer;

struct engine {
	struct uv_loop_s *loop;
	struct runtime runtime;   /* where the files are */
	struct port_memory ports; /* what `auto` chose */
	char *program;            /* this program, for holders */
	int log_fd;               /* the supervisor's log */
	int log_error;            /* why that could not be written last; 0 or -errno */
	struct list hops;         /* struct live_hop, parents before the hops that they carry */
	struct list idles;        /* what is remembered of hops that are not there (hop_idle.h) */
	struct list alones;       /* hosts of such that are left alone (hop_alone.h) */
	struct list held;         /* places that a lost session of ours may still have (held.h) */
	struct list
		survivors; /* struct survivor: ssh processes of one that is no more (survivor.h) */
	uint64_t survivors_ms;   /* monotonic: they were looked for last */
	struct list strays;      /* struct stray: what those listen for (stray.h) */
	struct list tunnels;     /* struct tunnel, in the order in which they were asked for */
	struct list claims;      /* struct live_forward: who listens where (claims.h) */
	struct list snapshots;   /* struct snapshot, all that somebody holds */
	struct list sessions;    /* struct session, one per client that asked for something */
	struct delay *vigil;     /* until the next look at all hops (vigil.h) */
	uint64_t next_look_ms;   /* monotonic: when that is */
	uint64_t looked_ms;      /* monotonic: the last one */
	uint64_t network;        /* way_signature() of the last look at it (notice.h) */
	struct changes *changes; /* who tells of it, and of the machine's waking */
	uint64_t moves;          /* how often this machine may be elsewhere than before */
	uint64_t moved_ms;       /* monotonic: its network changed last, or it woke; 0: never */
	struct delay *due; /* runs while a step is due; the supervisor makes it for engine_due() */
	void (*step)(struct engine *); /* the supervisor's: one step for everything */
	uint64_t steps;                /* of these, so far */
	bool changed; /* somebody has changed something, or may, since the last step began */
	uint64_t
		recorded; /* how often all that there is was written down, for the next supervisor */
	bool leaves;      /* and that is to have all of it now */
	/* Who listens on this machine, as the kernel said just now, or NULL (owner.h). */
	struct owner_answer *owners;
	/* The supervisor's: a first attempt has failed. Returns whether another path is tried in its place. */
	bool (*another)(struct engine *, struct live_tunnel *);
	/* The supervisor's: one that was to replace another did not get its listeners, and is about to go. */
	void (*refused)(struct engine *, struct live_tunnel *);
	struct delay *later; /* until another path may be looked for (another_path.h) */
	/* The supervisor's: a tunnel has failed, and is about to be cleared away. */
	void (*failed)(struct engine *, const struct live_tunnel *);
	/* What happened, until it is on disk. */
	struct history_notes notes;
};

/* Takes a step of the engine that is given as data: what `due` calls. */
void engine_due(void *data);

/* Takes the step that is due, if one is: what has happened is known then. */
void engine_settle(struct engine *engine);

/* Makes a step happen soon, because something has changed; the second one as a timer calls it, when it is time for something. */
void engine_schedule(struct engine *engine);
void engine_wake(void *data);

/* The same for somebody who is to be told something, and changes nothing. */
void engine_schedule_look(struct engine *engine);

/* Writes a line to the supervisor's log. */
void engine_log(struct engine *engine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
