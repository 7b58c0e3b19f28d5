/*
 * Looking: a look back over one leg of a way while it goes on, for horizon.c and strangers.c.
 *
 * Dijkstra's search from where the leg leads, over hosts and what they get to each other by, until it sees
 * where the leg leads from.
 */
#ifndef TUNPLAN_PLANNER_SEARCH_LOOKING_H
#define TUNPLAN_PLANNER_SEARCH_LOOKING_H

#include "planner/search/horizon.h"

/* What hosts differ in that counts for what a way costs: bits of their traits, and more. */
#define KINDS 256

/* Nodes from which a way costs the same. */
struct bucket {
	struct cost cost;
	struct bucket *next; /* the next dearer one */
	uint32_t *nodes;     /* from malloc(), until it was looked at */
	size_t count;
	size_t room;
	/* Those with what a hop to a host costs added, and what passing it does, by its kind, once known. */
	struct bucket *after_hop[KINDS];
	struct bucket *after_passing[KINDS];
	struct bucket *after_port; /* and what a rule weighs that lacks a port */
};

struct looking {
	const struct goal *goal;
	const struct network_index *network_index;
	const struct topology *topology;
	const bool *shared;
	bool hops_alone; /* nothing else counts */
	bool mending;    /* changes count, too */
	bool *targets;   /* then, by host: a rule of its own may lead there from anywhere */
	bool *barred;    /* by host: no way passes it */
	uint8_t *wires;  /* by host: the most that a VLAN of its is trusted; or NULL */
	uint8_t *ends;   /* by host: the kind of end that it is (strangers.h) */
	struct arena *arena;
	struct bucket *buckets; /* to be looked at, the cheapest first */
	struct bucket *here;    /* what it costs by the node that is being looked at, */
	uint16_t port;          /* and the port of its sshd, if it is a host (network_index.h) */
	size_t from;            /* where the leg leads from: me, or what `via` names */
	bool *leaves;           /* by node, without hosts: that may be left by it */
	struct bucket *found;   /* the cheapest one that has it, or what it leaves by; or NULL */
	bool met[KINDS];        /* a host of that kind for a hop was: what leads to all is known */
	uint32_t *bounds;
	struct cost *values;
	size_t value_count;
};

/* Begins to look back over a leg; what it leads to is to be put. */
void looking_begin(struct looking *looking, size_t from);

/* Looks until it sees where the leg leads from. Returns whether it does. */
bool looking_on(struct looking *looking);

/* Returns the bucket of a cost. */
struct bucket *looking_bucket(struct looking *looking, const struct cost *cost);

/* Returns the bucket with so much more to change. */
struct bucket *looking_after_changes(struct looking *looking, const struct bucket *from,
				     int weight);

/* Puts a node into a bucket, unless it is known to cost less. */
void looking_put(struct looking *looking, size_t node, struct bucket *bucket);

/* A way may go on from a host (by its number) at the cost that is at hand. */
void looking_put_host(struct looking *looking, size_t number);

/* Puts a host at what it takes to end on it, if a way can, or could. */
void looking_put_end(struct looking *looking, size_t host);

/*
 * What strangers differ in when ways end on them: whether there is more about them, so that each is to be
 * asked, and from two other bits on how much the host and its best VLAN are trusted.
 */
#define END_ODD       1
#define END_TRUST_BIT 1
#define END_WIRE_BIT  3
#define END_KINDS     32 /* and this, where no way ends */

/* Nodes: strangers by the trust of their best VLAN; and those on which ways end, by their kind. */
size_t looking_strangers(const struct topology *topology, enum trust trust);
size_t looking_ends(const struct topology *topology, unsigned kind);

#endif
