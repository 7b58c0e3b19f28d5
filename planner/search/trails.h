/*
 * Trails: for each list of hosts, the best path over exactly these hosts, for searches that count
 * paths by their hosts.
 *
 * Two labels over the same hosts can be continued in the same ways if the ssh client of their last
 * hop runs on the same host and, where pieces are joined at given places, as many pieces lie
 * behind. Only run.h uses this.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_TRAILS_H
#define TUNPLAN_PLANNER_SEARCH_TRAILS_H

#include "planner/search/known.h"
#include "planner/search/label.h"

struct trails {
	struct known
		lists; /* the number of a list, by the list without its last host, and that host */
	struct known best; /* the best label, by list, client and pieces */
	uint32_t count;    /* of lists; number 0 is the list of me alone */
	const struct goal *goal;
	struct arena *arena;
};

/* Begins for a goal; everything is in the arena. */
void trails_init(struct trails *trails, const struct goal *goal, struct arena *arena);

/*
 * Keeps a label if it is better than every kept label that can be continued in the same ways, and
 * sets the number of its list. Returns false, and keeps nothing, if it is not better.
 */
bool trails_keep(struct trails *trails, struct label *label);

/* Whether no better label than this one was kept. */
bool trails_has(struct trails *trails, const struct label *label);

#endif
