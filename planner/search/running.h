/*
 * Running: a run (run.h) while it goes on, for its parts: run.c has its states and its queue, run_hop.c
 * makes one more hop, and run_expand.c finds all hosts to which one may be made.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_RUNNING_H
#define TUNPLAN_PLANNER_SEARCH_RUNNING_H

#include "planner/search/run.h"

/* --- run.c */

/* Whether the rest of a way depends on nothing in which they differ, if hops are no question. */
bool run_same_layer(struct layer a, struct layer b);

/* Returns the key of what is known of a host, or of another node of horizon.h, in a layer. */
struct known_key run_key(struct layer layer, uint32_t number);

/* Whether there is no use in a label: the state that it leads to has a better one. */
bool run_knows(struct run *run, const struct label *next);

/* Puts a label into the queue. */
void run_push(struct run *run, const struct label *label);

/* --- run_hop.c */

/* Tries all hops to a host. Returns whether a nested one can be made, or nothing is to be won. */
bool run_relax(struct run *run, const struct label *from, size_t host);

/* Asks whether a hop in the queue can be made and is no detour. Else a relay may make it. */
bool run_ask(struct run *run, const struct label *label);

/* Whether the client of a next hop may run on a host: nothing else is stitched (rule 13). */
bool run_may_stitch(const struct run *run, const struct label *from);

static inline const struct host *run_host_of(const struct run *run, const struct label *label)
{
	return &run->network_index->topology->hosts[label->host];
}

#endif
