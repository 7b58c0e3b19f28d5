#include "planner/place.h"

const char *place_text(const struct topology *topology, const struct span *at, struct arena *arena)
{
	if (at->line == 0)
		return NULL;
	return arena_format(arena, "%s:%u:%u", topology->sources[at->source].name, at->line,
			    at->column);
}
