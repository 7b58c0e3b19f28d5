/*
 * Suggest: the known name that a mistyped one is nearest to, for "did you mean".
 *
 * Offer every known name in turn; the nearest wins, the first of them among equals. Distance is
 * the number of inserted, dropped, replaced or swapped characters (optimal string alignment),
 * without regard to case; a name is near when that is at most a third of its length.
 */
#ifndef TUNPLAN_TOPOLOGY_DIAG_SUGGEST_H
#define TUNPLAN_TOPOLOGY_DIAG_SUGGEST_H

#include <stddef.h>

struct suggest {
	const char *wanted;
	const char *best; /* the nearest so far, as it was offered; NULL while none is near */
	size_t index;     /* what was offered with it */
	size_t distance;  /* a name must be nearer than this to win */
};

/* Starts looking for what was meant by wanted, which must outlive the search. */
void suggest_init(struct suggest *suggest, const char *wanted);

/* Offers a known name; index is the caller's, to find again what the name belongs to. */
void suggest_offer(struct suggest *suggest, const char *name, size_t index);

#endif
