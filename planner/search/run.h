/*
 * Run: one search over the paths from me, the cheapest first.
 *
 * A label-setting search (Dijkstra's). A state is a host, the host that runs the ssh client of the
 * last hop, the number of `via` hosts passed, and whatever else the rest of a path depends on.
 * Edges are derived as the search goes. Used only by search.c and near_miss.c, which say what to
 * look for.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_RUN_H
#define TUNPLAN_PLANNER_SEARCH_RUN_H

#include "planner/search/heap.h"
#include "planner/search/known.h"
#include "planner/search/label.h"
#include "planner/search/lower_bound.h"

/*
 * What the rest of a path depends on, apart from the host: labels of equal layers can be compared.
 */
struct layer {
	uint32_t client; /* the host that runs the ssh client of the last hop */
	uint16_t passed; /* `via` hosts */
	uint16_t depth;  /* hops; 0 if the tunnel has no `max_hops` */
	uint16_t pieces; /* stitched hops; 0 if the tunnel has no `stitch` */
	uint64_t set;    /* label.set; 0 unless the search is exact */
};

struct run {
	const struct goal *goal;
	const struct network_index *network_index;
	struct lower_bound bound; /* lower bounds; zeroed: none */
	struct arena scratch;
	struct heap queue;
	struct known states; /* by host and layer */
	struct known pools;  /* by lower_bound.h's node and layer */
	bool endless;        /* let no path end, but settle all reachable states */
	bool crossed;        /* a path was dropped because it would have passed a host twice */
	struct cost
		crossing; /* if so: the cost of the cheapest of these, with the bound on its rest */

	/*
	 * Exact: a state is also the set of the hosts of the path. Without that, the best path to a
	 * state may lead through the host that the rest needs, and stands in the way of another one.
	 */
	bool exact;
	size_t tries; /* hops tried so far */

	uint32_t expansion; /* how many labels were expanded */
	bool given_up;      /* because of `most`, or too many tries of an exact search (rule 31) */
	size_t most;        /* how many labels are expanded at most; 0: no limit */

	/*
	 * Near misses count: hops and ends that need changes (change.h) are tried, and cost
	 * COST_CHANGES.
	 */
	bool mending;
	const uint32_t *targets; /* hosts to which an added rule may lead, from any host */
	size_t target_count;
	unsigned *
		sources; /* how often such a rule was tried, by layer.passed and the VLANs' trust */
};

/* Begins a search for a goal. */
void run_init(struct run *run, const struct goal *goal);

void run_finish(struct run *run);

/* Queues the path of no hops, on me. */
void run_start(struct run *run);

/* Continues to the next complete path, the cheapest not returned yet; NULL: there is none. */
const struct label *run_on(struct run *run);

/* Takes the next label to expand, or the next complete one, from the queue; NULL: there is none. */
const struct label *run_next(struct run *run);

/* Tries all hops from a label. */
void run_expand(struct run *run, const struct label *from);

/* Returns what the rest of a path depends on. */
struct layer run_layer(const struct run *run, const struct label *label);

#endif
