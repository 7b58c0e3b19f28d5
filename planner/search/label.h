/*
 * Label: a path to a host, as the search stores it: its last hop, and the label of the path before.
 *
 * Labels form a tree whose root is me. A label never changes once it is made.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_LABEL_H
#define TUNPLAN_PLANNER_SEARCH_LABEL_H

#include "planner/search/link.h"

struct label {
	const struct label *parent; /* NULL: me */
	uint32_t host;
	uint32_t client;  /* the host on which the ssh client of the hop runs */
	uint64_t set;     /* stands for the set of its hosts, whatever their order */
	uint16_t depth;   /* hops */
	uint16_t passed;  /* waypoints */
	uint16_t pieces;  /* stitched hops */
	uint8_t method;   /* enum plan_method, of the hop */
	bool complete;    /* the path ends here, and the cost includes the end's */
	struct cost cost; /* so far plus a lower bound on the rest; if complete, the total */
};

/* Returns the label of the empty path, on me. */
struct label label_root(const struct goal *goal);

/* Returns the label of one more hop: adds the hop's own cost, nothing else. */
struct label label_step(const struct goal *goal, const struct label *from, size_t host,
			enum plan_method method, const struct link *link);

/* Adds the lower bound on the rest of the path or, with factor -1, subtracts it again. */
void label_look_ahead(struct label *label, const struct cost *rest, int factor);

/*
 * Returns the label of the path that ends here; the given label must not include a bound on the
 * rest.
 */
struct label label_end(const struct label *label, const struct goal_end *end);

/*
 * Compares as strcmp() does: by cost, then by names (rule 26), then a path before its
 * continuations.
 */
int label_compare(const struct topology *topology, const struct label *a, const struct label *b);

/* Whether a host is on the path, me included. */
bool label_passes(const struct label *label, size_t host);

/* Copies a path into arena. */
struct plan_path label_path(const struct label *label, struct arena *arena);

#endif
