/*
 * Cost: what makes one path better than another.
 *
 * A vector, compared part by part: the first part that differs decides (rules 19 to 26 of
 * tunplan(7), in the order of enum cost_part). The last tie-breaker, the hosts' names, is not in
 * the vector: it is compared by label.h, which knows the paths.
 */
#ifndef TUNPLAN_PLANNER_MODEL_COST_H
#define TUNPLAN_PLANNER_MODEL_COST_H

#include <stdint.h>

#include "topology/model/topology.h"

enum cost_part {
	COST_CHANGES,     /* weight of the necessary changes; 0 for a path that exists */
	COST_SHARED,      /* hosts that an earlier alternative also uses (rule 29) */
	COST_AVOIDED,     /* hosts with `jump: avoid` that the path goes through */
	COST_INTERACTIVE, /* logins that ask a person, in an unattended tunnel */
	COST_EXPOSURE,    /* segments in the clear, by trust: four parts */
	COST_RELAYS = COST_EXPOSURE + TRUST_HIGH + 1, /* hops that are relayed or stitched */
	COST_UNTRUSTED, /* hops on hosts with less than medium trust */
	COST_HOPS,      /* ssh sessions */
	COST_COST,      /* the hosts' own `cost`, summed */
	COST_ASSUMED,   /* hops to hosts of which the file states no `ssh` */
	COST_PARTS,     /* how many there are */
	COST_NAMES = COST_PARTS,
};

struct cost {
	int32_t parts[COST_PARTS]; /* by enum cost_part; less is better */
};

/* Returns < 0, 0 or > 0 as strcmp() does: less is better. */
int cost_compare(const struct cost *a, const struct cost *b);

/* Adds a cost to another, part by part. */
void cost_add(struct cost *cost, const struct cost *more);

/* Returns the first part in which two costs differ; COST_NAMES when they are equal. */
enum cost_part cost_decider(const struct cost *best, const struct cost *next);

/* Returns the token: "exposure", "hops", "names"… */
const char *cost_part_name(enum cost_part part);

#endif
