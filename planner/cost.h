/*
 * Cost: what makes one path better than another.
 *
 * A vector that is compared part by part, the first difference decides (planner rules 9 and up, in
 * the order of enum cost_part). The hosts' names, which decide last, are compared by whoever knows
 * the paths (search.h). Relays, trust and the hosts' own `cost` come between exposure and names:
 * each is one more part.
 */
#ifndef TUNPLAN_PLANNER_COST_H
#define TUNPLAN_PLANNER_COST_H

#include <stdint.h>

enum cost_part {
	COST_EXPOSURE, /* segments in the clear that are not inside the two ends */
	COST_HOPS,     /* ssh sessions, one inside the other */
	COST_PARTS,    /* how many there are */
	COST_NAMES = COST_PARTS,
};

struct cost {
	uint32_t parts[COST_PARTS]; /* by enum cost_part; less is better */
};

/* Returns < 0, 0 or > 0 as strcmp() does: less is better. */
int cost_compare(const struct cost *a, const struct cost *b);

/* Returns the first part in which two costs differ; COST_NAMES when they are equal. */
enum cost_part cost_decider(const struct cost *best, const struct cost *next);

/* Returns the token: "exposure", "hops", "names". */
const char *cost_part_name(enum cost_part part);

#endif
