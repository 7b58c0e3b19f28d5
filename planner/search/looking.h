/*
 * Looking: the backward search over one leg of a path while it runs, for horizon.c and strangers.c.
 *
 * Dijkstra's algorithm from the end of the leg to its beginning. Its nodes are hosts, and what
 * leads from host to host: VLANs and rules.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_LOOKING_H
#define TUNPLAN_PLANNER_SEARCH_LOOKING_H

#include "planner/search/horizon.h"

/* Nodes from which the rest of a path has the same cost. */
struct bucket {
	struct cost cost;
	struct bucket *next; /* the next dearer bucket */
	uint32_t *nodes;     /* from malloc(), until the bucket is done */
	size_t count;
	size_t room;
	/* The buckets of this cost plus an open joint, by the trust of its host; NULL: not yet. */
	struct bucket *after_joint[TRUST_HIGH + 1];
	bool met; /* what leads to all hosts was put into it */
};

struct looking {
	const struct goal *goal;
	const struct network_index *network_index;
	const struct topology *topology;
	bool hops_alone; /* cost counts hops only */
	bool mending;    /* near misses count: changes are part of the cost */
	bool *targets;   /* if so, by host: an added rule may lead there from any host */
	bool *barred;    /* by host: no path passes it */
	uint8_t *wires;  /* by host: the trust of its most trusted VLAN; or NULL */
	uint8_t *ends;   /* by host: its kind as an end, END_… below (strangers.h) */
	struct arena *arena;
	struct bucket *buckets; /* still to do, the cheapest first */
	struct bucket *here;    /* the bucket for hosts that lead to the present node */
	uint16_t port; /* of the present node's sshd, if the node is a host (network_index.h) */
	size_t from;   /* where the leg begins: me, or a host of `via` */
	bool *leaves;  /* by node that is no host: the leg may leave its first host by it */
	struct bucket
		*found; /* the cheapest bucket with the leg's first host or a node by which the leg
				   may leave that host; NULL until seen */
	uint32_t *bounds;
	struct cost *values;
	size_t value_count;
};

/* Begins the search of a leg. The caller then puts the nodes at which the leg ends. */
void looking_begin(struct looking *looking, size_t from);

/* Runs the search until it meets the leg's first host. Returns whether it does. */
bool looking_on(struct looking *looking);

/* Returns the bucket of a cost. */
struct bucket *looking_bucket(struct looking *looking, const struct cost *cost);

/* Returns the bucket of a cost plus the weight of some changes. */
struct bucket *looking_after_changes(struct looking *looking, const struct bucket *from,
				     int weight);

/* Puts a node into a bucket, unless the node has a cheaper one. */
void looking_put(struct looking *looking, size_t node, struct bucket *bucket);

/* Puts a host (by its number) from which a path may go on to the present node. */
void looking_put_host(struct looking *looking, size_t number);

/* Puts a host at the cost of ending on it, if a path can end there (or could, after changes). */
void looking_put_end(struct looking *looking, size_t host);

/*
 * The kinds of strangers on which paths end: whether the host has properties of its own, so that it
 * must be asked by itself, and, from the two other bits on, the trust of the host and of its most
 * trusted VLAN.
 */
#define END_ODD       1
#define END_TRUST_BIT 1
#define END_WIRE_BIT  3
#define END_KINDS     32 /* also the kind of hosts where no path ends */

/* Nodes: all strangers whose most trusted VLAN has that trust; all strangers of a kind of end. */
size_t looking_strangers(const struct topology *topology, enum trust trust);
size_t looking_ends(const struct topology *topology, unsigned kind);

#endif
