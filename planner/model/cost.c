#include "planner/model/cost.h"

int cost_compare(const struct cost *a, const struct cost *b)
{
	for (enum cost_part part = 0; part < COST_PARTS; part++)
		if (a->parts[part] != b->parts[part])
			return a->parts[part] < b->parts[part] ? -1 : 1;
	return 0;
}

void cost_add(struct cost *cost, const struct cost *more)
{
	for (enum cost_part part = 0; part < COST_PARTS; part++)
		cost->parts[part] += more->parts[part];
}

enum cost_part cost_decider(const struct cost *best, const struct cost *next)
{
	enum cost_part part = 0;

	while (part < COST_PARTS && best->parts[part] == next->parts[part])
		part++;
	return part;
}

const char *cost_part_name(enum cost_part part)
{
	static const char *const names[] = {
		[COST_CHANGES] = "changes",
		[COST_SHARED] = "shared",
		[COST_AVOIDED] = "avoid",
		[COST_INTERACTIVE] = "interactive",
		[COST_EXPOSURE + TRUST_NONE] = "exposure",
		[COST_EXPOSURE + TRUST_LOW] = "exposure",
		[COST_EXPOSURE + TRUST_MEDIUM] = "exposure",
		[COST_EXPOSURE + TRUST_HIGH] = "exposure",
		[COST_RELAYS] = "relays",
		[COST_UNTRUSTED] = "trust",
		[COST_HOPS] = "hops",
		[COST_COST] = "cost",
		[COST_ASSUMED] = "assumed",
		[COST_NAMES] = "names",
	};

	return names[part];
}
