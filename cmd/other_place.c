#include "cmd/other_place.h"

#include "planner/whatif.h"

void other_place_help(struct loaded *loaded, const struct plan_request *request,
		      struct plan_failure *failure)
{
	const struct topology *topology = loaded->topology;
	struct arena *arena = &loaded->arena;
	const char *names = "";
	size_t count;
	const size_t *places = whatif_places(request, topology, arena, &count);

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		names = arena_format(arena, "%s%s%s", names, i ? ", " : "",
				     topology->places[places[i]].name);
	failure->help = arena_format(arena, "there is a path from %s: --place %s", names,
				     topology->places[places[0]].name);
}
