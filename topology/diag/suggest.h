/*
 * Suggest: finds the known name nearest to a mistyped one, for "did you mean".
 *
 * Offer every known name in turn; the nearest wins, and the first among equals. Distance is the
 * number of inserted, dropped, replaced or swapped characters (optimal string alignment), ignoring
 * case; a name is near if its distance is at most a third of its length.
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
