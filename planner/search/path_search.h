/*
 * Path search: one search over the paths from me, the cheapest first.
 *
 * A label-setting search (Dijkstra's; with lower bounds, A*). A state is a host, the host that runs
 * the ssh client of the last hop, the number of `via` hosts passed, and whatever else the rest of a
 * path depends on. Edges are derived as the search goes. What is looked for is a policy (policy.h).
 * Used by search.c and near_miss.c.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_PATH_SEARCH_H
#define TUNPLAN_PLANNER_SEARCH_PATH_SEARCH_H

#include "planner/search/heap.h"
#include "planner/search/known.h"
#include "planner/search/label.h"
#include "planner/search/lower_bound.h"
#include "planner/search/policy.h"

/* What the rest of a path depends on, apart from the host: labels of equal layers are compared. */
struct layer {
	uint32_t client; /* the host that runs the ssh client of the last hop */
	uint16_t passed; /* `via` hosts */
	uint16_t depth;  /* hops; 0 if the tunnel has no `max_hops` */
	uint16_t pieces; /* stitched hops; 0 if the tunnel has no `stitch` */
	uint64_t set;    /* label.set; 0 unless the policy is exact */
};

struct path_search {
	const struct goal *goal;
	const struct policy *policy;
	const struct network_index *network_index;
	struct lower_bound bound; /* zeroed: none */
	size_t most;              /* how many labels are expanded at most; 0: no limit */
	const uint32_t *targets;  /* hosts to which hops are tried from any host */
	size_t target_count;

	struct arena scratch;
	struct heap queue;
	struct known states; /* by host and layer */
	struct known pools;  /* by lower_bound.h's node and layer */
	unsigned *sources;   /* how often targets were tried, by layer.passed and trust */
	size_t expansions;   /* labels expanded */
	size_t tries;        /* hops tried */
	bool given_up;       /* because of `most`, or too many tries of an exact search (rule 31) */
	bool crossed;        /* a path was dropped because it would have passed a host twice */
	struct cost crossing; /* if so: the least cost of such a path, with the bound on its rest */
};

/* Begins a search for a goal. */
void path_search_init(struct path_search *search, const struct goal *goal,
		      const struct policy *policy);

void path_search_finish(struct path_search *search);

/* Queues the path of no hops, on me. */
void path_search_start(struct path_search *search);

/* Continues to the next complete path, the cheapest not returned yet; NULL: there is none. */
const struct label *path_search_on(struct path_search *search);

/* Takes the next label to expand, or the next complete one, from the queue; NULL: there is none. */
const struct label *path_search_next(struct path_search *search);

/* Tries all hops from a label (path_expand.c). */
void path_search_expand(struct path_search *search, const struct label *from);

/* --- for path_expand.c */

/* Returns what the rest of a path depends on. */
struct layer path_search_layer(const struct path_search *search, const struct label *label);

/* Returns the hash key of a host, or of another node of lower_bound.h, in a layer. */
struct known_key path_search_key(struct layer layer, uint32_t number);

/* Whether a label is useless: its state has a better or equal one already. */
bool path_search_knows(struct path_search *search, const struct label *next);

/* Copies a label into the queue. */
void path_search_push(struct path_search *search, const struct label *label);

#endif
