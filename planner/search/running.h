/*
 * Running: what the parts of one search (run.h) share: run.c keeps states and queue, run_hop.c
 * tries one more hop, run_expand.c finds all hosts that the next hop may lead to.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_RUNNING_H
#define TUNPLAN_PLANNER_SEARCH_RUNNING_H

#include "planner/search/run.h"

/* --- run.c */

/* Whether two states of a host are interchangeable for the rest of the search, hop counts aside. */
bool run_same_layer(struct layer a, struct layer b);

/* Returns the hash key of a host, or of another node of lower_bound.h, in a layer. */
struct known_key run_key(struct layer layer, uint32_t number);

/* Whether a label is useless: its state has a better or equal one already. */
bool run_knows(struct run *run, const struct label *next);

/* Copies a label into the queue. */
void run_push(struct run *run, const struct label *label);

/* --- run_hop.c */

/*
 * Tries hops to a host by all methods. Returns whether a nested hop is possible, or no hop is of
 * use.
 */
bool run_relax(struct run *run, const struct label *from, size_t host);

/*
 * Whether the next hop may be stitched, so that its ssh client runs on the label's host (rule 13).
 */
bool run_may_stitch(const struct run *run, const struct label *from);

static inline const struct host *run_host_of(const struct run *run, const struct label *label)
{
	return &run->network_index->topology->hosts[label->host];
}

#endif
