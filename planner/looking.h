/*
 * Looking: a look back from a goal while it goes on, for horizon.c and for what horizon_mended.c adds to
 * it.
 */
#ifndef TUNPLAN_PLANNER_LOOKING_H
#define TUNPLAN_PLANNER_LOOKING_H

#include "planner/ends.h"
#include "planner/horizon.h"

/* What hosts differ in that counts for what a way costs: bits of their traits, and more. */
#define KINDS 64

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
	const struct atlas *atlas;
	const struct topology *topology;
	const bool *shared;
	const struct mended *mended; /* changes count, too; or NULL */
	bool *barred;                /* by host: no way passes it */
	struct arena *arena;
	struct bucket
		*buckets;    /* those whose nodes are still to be looked at, the cheapest first */
	struct bucket *here; /* what it costs by the node that is being looked at, */
	uint16_t port;       /* and the port of its sshd, if it is a host (atlas.h) */
	bool *leaves;        /* by node, without hosts: me may leave by it */
	struct bucket *mine; /* the cheapest one that has me, or what me leaves by; or NULL */
	bool met[KINDS];     /* a host of that kind for a hop was: what leads to all is known */
	uint32_t *bounds;
	struct cost *values;
	size_t value_count;
};

/* Returns the bucket of a cost. */
struct bucket *looking_bucket(struct looking *looking, const struct cost *cost);

/* Returns the bucket with so much more to change. */
struct bucket *looking_after_changes(struct looking *looking, const struct bucket *from,
				     int weight);

/* Puts a node into a bucket, unless it is known to cost less. */
void looking_put(struct looking *looking, size_t node, struct bucket *bucket);

/* A way may go on from a host (by its number) at the cost that is at hand. */
void looking_put_host(struct looking *looking, size_t number);

/* --- where changes count (horizon_mended.c) */

/* Nodes: strangers by the trust of their best VLAN; and by what counts for a way that ends on them. */
size_t looking_strangers(const struct topology *topology, enum trust trust);
size_t looking_ends(const struct topology *topology, unsigned kind);

/*
 * What counts for a way that ends on a stranger: these bits, and from two others on how much the host and
 * its best VLAN are trusted.
 */
enum end_trait { END_NO_JUMP = 1, END_NO_FORWARD = 2, END_INGRESS = 4 };
#define END_TRUST_BIT 3
#define END_WIRE_BIT  5
#define END_KINDS     128 /* and this, where no way ends */

struct mended {
	uint8_t *ends;  /* by host: the kind of end that it is */
	uint8_t *wires; /* by host: the most that a VLAN of its is trusted */
	bool *targets;  /* by host: a rule of its own may lead there from anywhere */
};

void mended_init(struct mended *mended, const struct goal *goal, const uint32_t *targets,
		 size_t target_count, struct arena *arena);

/* Puts the hosts on which a way can end, or could. */
void mended_put_ends(struct looking *looking);

/* Puts those whom a rule that there is not would let get to a target. */
void mended_put_strangers(struct looking *looking, size_t target);

/* All strangers of a kind: ways end on them. */
void mended_look_at_ends(struct looking *looking, unsigned kind);

/* All strangers whose best VLAN is trusted so much. */
void mended_look_at_strangers(struct looking *looking, enum trust trust);

#endif
