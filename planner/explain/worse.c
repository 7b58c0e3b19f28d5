#include "planner/explain/worse.h"

/* How many segments that count are in the clear, where it is trusted so much. */
static size_t count_clear(const struct plan *plan, uint8_t trust)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->exposure_count; i++) {
		const struct plan_segment *segment = &plan->exposure[i];

		count += segment->counts && !segment->encrypted_by && segment->trust == trust;
	}
	return count;
}

uint8_t worse_trust(const struct plan *plan)
{
	uint8_t least = TRUST_HIGH;

	for (size_t i = 0; i < plan->hop_count; i++) {
		const uint8_t trust = plan->topology->hosts[plan->hops[i].host].trust;

		least = trust < least ? trust : least;
	}
	return least;
}

enum plan_worse worse_than(const struct plan *plan, const struct plan *other)
{
	/* The first difference decides, as in the cost. */
	for (unsigned trust = TRUST_NONE; trust <= TRUST_HIGH; trust++) {
		const size_t clear = count_clear(plan, (uint8_t)trust);
		const size_t before = count_clear(other, (uint8_t)trust);

		if (clear > before)
			return PLAN_WORSE_EXPOSURE;
		if (clear < before)
			break;
	}
	return worse_trust(plan) < worse_trust(other) ? PLAN_WORSE_TRUST : PLAN_NOT_WORSE;
}
