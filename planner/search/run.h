/*
 * Run: one search over the ways from me, from the cheapest on.
 *
 * A label-setting search over states: the host, on which host the ssh client of its hop runs, how many
 * waypoints are passed, and what else the rest of a way depends on. Edges are derived as it goes. Only
 * search.c and near_miss.c, which say what is searched for, use this.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_RUN_H
#define TUNPLAN_PLANNER_SEARCH_RUN_H

#include "planner/search/heap.h"
#include "planner/search/horizon.h"
#include "planner/search/known.h"
#include "planner/search/trails.h"

/* What the rest of a way depends on, apart from the host: labels that agree in it can be compared. */
struct layer {
	uint32_t client;
	uint16_t passed;
	uint16_t depth;  /* 0 where any number of hops will do */
	uint16_t pieces; /* 0 where all joints are alike */
};

struct run {
	const struct goal *goal;
	const struct network_index *network_index;
	struct horizon horizon;     /* zeroed: nothing is known of the way */
	const struct horizon *bare; /* without what is shared (rule 28); NULL: there is none */
	struct arena scratch;
	struct heap queue;
	struct known states; /* by host and layer */
	struct known pools;  /* by horizon.h's node and layer */
	bool endless;        /* no way ends: all that can be got to is settled */
	bool crossed; /* some way was not gone on with because it would have crossed itself: */
	struct cost crossing; /* the cheapest one, with what its rest costs at least */

	/* Every way over other hosts counts, not only the best one to each state. */
	bool every;
	struct trails trails;
	uint32_t *tried;          /* by host: the expansion in which it was tried last */
	uint32_t expansion;       /* the present one */
	size_t tries;             /* hops, so far; */
	bool given_up;            /* they were too many */
	const struct cost *limit; /* what costs more is of no use; or NULL */
	const bool *shared;       /* by host: an earlier alternative has it; or NULL */
	bool ends;                /* the way that is gone on with may end, too, */
	struct cost end;          /* at this cost */

	size_t most; /* of how many labels it goes on from at most; 0: of any number */

	/* Ways count, too, for which something would have to change (change.h). */
	bool mending;
	const uint32_t *targets; /* hosts to which it may be a rule of its own, from anywhere */
	size_t target_count;
	unsigned *sources; /* how often that was tried, by layer.passed and the VLANs' trust */
};

/* Begins a search for a goal. */
void run_init(struct run *run, const struct goal *goal);

/*
 * Lets every way over other hosts count. After TRIES_MAX hops, or with WAITING_MAX ways in the queue, it is
 * given up (rule 31): no network of up to eight hosts has so many, whatever it allows.
 */
void run_every(struct run *run);

void run_finish(struct run *run);

/* Puts me into the queue. */
void run_start(struct run *run);

/* Runs on to the next complete way, the best one that has not come yet; NULL: there is none. */
const struct label *run_on(struct run *run);

/* Takes the next label out that is to be gone on from, or that is complete; NULL: there is none. */
const struct label *run_next(struct run *run);

/* Tries all hops from a label. */
void run_expand(struct run *run, const struct label *from);

/* Returns what the rest of a way depends on. */
struct layer run_layer(const struct run *run, const struct label *label);

#endif
