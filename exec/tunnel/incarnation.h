/*
 * Incarnation: one ssh process of a hop, from the choice of its files until nobody looks at it any
 * more. Of a stitched hop it is the holder of the session in which that ssh runs.
 *
 * A hop goes on as long as somebody needs it; its incarnations come and go, numbered by generation.
 * Two may live side by side: the present one, and an older one until what runs through it has ended.
 * Its hop makes it and frees it: never before its process is gone and its last holder has let go.
 * Holders are the forwards that have a listener or a question there, and the incarnations of deeper
 * hops that were dialled through it.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_INCARNATION_H
#define TUNPLAN_EXEC_TUNNEL_INCARNATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec/ssh/link.h"
#include "exec/ssh/master.h"
#include "exec/tunnel/candour.h"
#include "exec/tunnel/pulse.h"

struct live_hop;
struct survivor;

struct incarnation {
	struct live_hop *hop;
	unsigned generation;         /* greater than those of its hop before it */
	struct incarnation *through; /* the one that carries it; held; NULL: dialled from here */
	char *socket;                /* its control path */
	char *log;                   /* the file of its stderr */
	struct master *master;     /* the process; NULL before it started and once it was reaped */
	struct pulse_of pulse;     /* since it was started; with its connection once it is up */
	struct candour_of candour; /* of its far end */
	bool adopted;              /* another supervisor has started it */
	uint64_t before_ms;        /* monotonic: then its hop was up by it; 0: it was not */
	bool replaced;       /* another was tried, because nothing new can be asked of this one */
	bool leaves;         /* it is told to end after its last connection, with the next step */
	uint64_t start;      /* kernel_process.start_ticks; of one that leaves */
	bool told;           /* we told it to end: its end is no loss */
	bool held;           /* a session of it was to be held */
	bool unheld;         /* it was to be, and was not */
	bool heard_end;      /* and what a session ran elsewhere has ended before it */
	bool ended;          /* the process is gone, or never was */
	struct strbuf kept;  /* incarnation_keep() */
	uint64_t read_step;  /* of the engine: incarnation_log() */
	uint64_t stopped_ms; /* monotonic: a signal was seen to have stopped it; 0: no */
	uint64_t moved_ms;   /* monotonic: something of ours went through it last (hop_idle.h) */
	uint64_t carried_ms; /* monotonic: what it carried has ended last */
	uint64_t unheld_ms;  /* monotonic: the session that is held there has ended; 0: no */
	unsigned users;      /* had come to its listeners at moved_ms */
	size_t holders;      /* beside its hop */
	size_t unanswered;   /* requests for listeners of TCP here that it has not answered */
};

/*
 * Makes the next one of a hop, which has names for its files, and no process yet. through may be NULL. The names are new:
 * an ssh that ends removes whatever stands at its control path.
 */
struct incarnation *incarnation_create(struct live_hop *hop, struct incarnation *through);

/*
 * Starts its ssh with the hop's environment. The events are given the incarnation. Returns 0, or
 * -errno: then it has ended.
 */
int incarnation_start(struct incarnation *incarnation, const struct master_events *events);

/*
 * Takes one over that another supervisor has started. Returns 0 with *ret_incarnation, and what it is good for in *ret_use; or
 * -ESRCH: its process has ended.
 */
int incarnation_adopt(struct live_hop *hop, const struct survivor *survivor,
		      struct incarnation *through, const struct master_events *events,
		      struct incarnation **ret_incarnation, enum master_use *ret_use);

/* Counts one who looks at it, or one less. */
struct incarnation *incarnation_hold(struct incarnation *incarnation);
void incarnation_forget(struct incarnation *incarnation);

/* Returns its link, or NULL when it cannot be asked: it is not up yet, drains, or has ended or is about to. */
struct link *incarnation_link(const struct incarnation *incarnation);

/*
 * Whether its sshd may still be slow with small answers, for 50 ms at most; and whether a session that is to
 * make it quick is there, or may come (master_prime()).
 */
bool incarnation_is_fresh(const struct incarnation *incarnation);
bool incarnation_is_priming(const struct incarnation *incarnation);

/* Whether its far end can be asked for a dial (exit_dial.h): over its link, or by what its session reads. */
bool incarnation_can_dial(const struct incarnation *incarnation);

/* What it has said: as it was when anybody asked first in this step of the engine. NULL: it has no process any more. */
const struct ssh_log *incarnation_log(struct incarnation *incarnation);

/*
 * Remembers a listener that its server was told to close and did not: it goes with the connection. And whether there is
 * one at that place.
 */
void incarnation_keep(struct incarnation *incarnation, const struct mux_forward *forward);
bool incarnation_keeps(const struct incarnation *incarnation, const struct mux_forward *forward);

/* Whether it is up, and nothing new can be asked of it: the file of its control socket is gone. */
bool incarnation_is_cut_off(const struct incarnation *incarnation);

/*
 * Returns a flag of enum fault_case: whether the ssh server at its far end is OpenSSH's or another one, by the banner in
 * its log; 0: not known.
 */
unsigned incarnation_server(const struct incarnation *incarnation);

/* Tells its ssh to end now, with everything that runs through it. Asking again changes nothing. */
void incarnation_stop(struct incarnation *incarnation);

/* Tells its ssh to end after the last connection through it: with the second call, for that is written down before (record.h). */
void incarnation_drain(struct incarnation *incarnation);

/* Removes its process and files once it has ended. */
void incarnation_reap(struct incarnation *incarnation);

/* Frees it: it was reaped, and nobody holds it. */
void incarnation_destroy(struct incarnation *incarnation);

#endif
