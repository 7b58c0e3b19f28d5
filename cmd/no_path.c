#include "cmd/no_path.h"

#include <stdio.h>

#include "cmd/result.h"
#include "planner/views/plan_view.h"
#include "planner/whatif.h"

void no_path_places(struct loaded *loaded, const struct plan_request *request,
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

void no_path_say(const struct cli *cli, const struct loaded *loaded,
		 const struct plan_failure *failure, struct strbuf *result)
{
	struct strbuf text = {0};

	if (cli->json) {
		result_add_json(plan_failure_json(loaded->here, failure), result);
		return;
	}
	plan_failure_text(loaded->here, failure, &text);
	fputs(strbuf_text(&text), stderr);
	strbuf_finish(&text);
}
