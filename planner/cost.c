#include "planner/cost.h"

enum cost_part cost_decider(const struct cost *best, const struct cost *next)
{
	enum cost_part part = 0;

	while (part < COST_PARTS && best->parts[part] == next->parts[part])
		part++;
	return part;
}

int cost_compare(const struct cost *a, const struct cost *b)
{
	const enum cost_part part = cost_decider(a, b);

	if (part == COST_NAMES)
		return 0;
	return a->parts[part] < b->parts[part] ? -1 : 1;
}

const char *cost_part_name(enum cost_part part)
{
	static const char *const names[] = {
		[COST_EXPOSURE] = "exposure",
		[COST_HOPS] = "hops",
		[COST_NAMES] = "names",
	};

	return names[part];
}
