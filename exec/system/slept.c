#include "exec/system/slept.h"

bool slept_between(const struct slept_moment *from, const struct slept_moment *to,
		   uint64_t planned_ms)
{
	const uint64_t awake_ms = to->awake_ms - from->awake_ms;

	return to->slept_ms > from->slept_ms + SLEPT_NAP_MS || awake_ms > planned_ms + SLEPT_NAP_MS;
}
