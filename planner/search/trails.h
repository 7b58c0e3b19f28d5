/*
 * Trails: the ways over one list of hosts, of which only the best is of use where every list counts.
 *
 * Two labels over the same hosts can go on alike if their last hop has its ssh client on the same host
 * and, where pieces are joined at given places, has as many of them behind it. Only run.h uses this.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_TRAILS_H
#define TUNPLAN_PLANNER_SEARCH_TRAILS_H

#include "planner/search/known.h"
#include "planner/search/label.h"

struct trails {
	struct known lists; /* by list of hosts but the last one, and that: its number */
	struct known best;  /* by list, client and pieces: a label */
	uint32_t count;     /* of lists; 0 is that of me alone */
	const struct goal *goal;
	struct arena *arena;
};

/* Begins for a goal; all is in the arena. */
void trails_init(struct trails *trails, const struct goal *goal, struct arena *arena);

/*
 * Keeps a label that is better than all before it that can go on alike, and numbers its list. Returns
 * false, and leaves it alone, if it is not.
 */
bool trails_keep(struct trails *trails, struct label *label);

/* Whether no better label than this one was kept. */
bool trails_has(struct trails *trails, const struct label *label);

#endif
