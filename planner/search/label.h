/*
 * Label: a way to a host, as a search keeps it: one hop more than the label before.
 *
 * Labels form a tree whose root is me. They are never changed once they are made.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_LABEL_H
#define TUNPLAN_PLANNER_SEARCH_LABEL_H

#include "planner/search/link.h"

struct label {
	const struct label *parent; /* NULL: me */
	uint32_t host;
	uint32_t client;  /* the host on which the ssh client of the hop runs */
	uint32_t trail;   /* the list of its hosts, where every list counts (trails.h) */
	uint16_t depth;   /* hops */
	uint16_t passed;  /* waypoints */
	uint16_t pieces;  /* stitched hops */
	uint8_t method;   /* enum plan_method, of the hop */
	bool complete;    /* the way ends here, and the cost has the end's in it */
	bool unasked;     /* whether its last hop can be made is still to be asked */
	struct cost cost; /* with what the rest costs at least; of a complete one, all of it */
};

/* Returns me's. */
struct label label_root(const struct goal *goal);

/* Returns the label of one hop more: what the hop costs is added, nothing else. */
struct label label_step(const struct goal *goal, const struct label *from, size_t host,
			enum plan_method method, const struct link *link);

/* Adds what the rest of a way costs at least, or, with -1 as factor, takes it off again. */
void label_look_ahead(struct label *label, const struct cost *rest, int factor);

/* Returns the label of the way that ends here; the label must not have what the rest costs in it. */
struct label label_end(const struct label *label, const struct goal_end *end);

/*
 * Compares as strcmp() does: by cost; then by names (rule 26); a way before those that go on from it.
 */
int label_compare(const struct topology *topology, const struct label *a, const struct label *b);

/* Whether a host is on the way, me included. */
bool label_passes(const struct label *label, size_t host);

/* Copies a way into arena. */
struct plan_way label_way(const struct label *label, struct arena *arena);

#endif
