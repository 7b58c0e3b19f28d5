#include "planner/plan.h"

const char *plan_type_name(enum plan_type type)
{
	static const char *const names[] = {
		[PLAN_LOCAL] = "local",
		[PLAN_REMOTE] = "remote",
		[PLAN_DYNAMIC] = "dynamic",
	};

	return names[type];
}

const char *plan_reason_code(enum plan_reason reason)
{
	static const char *const codes[] = {
		[REASON_RULE_DENY] = "RULE_DENY",
		[REASON_DEFAULT_DENY] = "DEFAULT_DENY",
		[REASON_FWD_OFF] = "FWD_OFF",
		[REASON_PERMIT_OPEN] = "PERMIT_OPEN",
		[REASON_NO_SSH] = "NO_SSH",
		[REASON_FAMILY] = "FAMILY",
		[REASON_LOOPBACK_ONLY] = "LOOPBACK_ONLY",
		[REASON_NOT_JUMP] = "NOT_JUMP",
		[REASON_NOT_HERE] = "NOT_HERE",
		[REASON_CONSTRAINT] = "CONSTRAINT",
	};

	return codes[reason];
}

size_t *plan_chain(const struct plan *plan, size_t hop, struct arena *arena, size_t *ret_count)
{
	size_t count = 0;
	size_t *chain;

	for (size_t h = hop; h != TOPOLOGY_NONE; h = plan->hops[h].through)
		count++;
	*ret_count = count;
	chain = arena_array(arena, count, sizeof(*chain));
	for (size_t h = hop; h != TOPOLOGY_NONE; h = plan->hops[h].through)
		chain[--count] = h;
	return chain;
}
