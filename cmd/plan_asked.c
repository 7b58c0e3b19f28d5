#include "cmd/plan_asked.h"

#include "cmd/cli.h"

static const struct patience endless = {.until_ms = -1, .tell = cli_note_wait};

bool plan_asked(struct ssh_config *config, struct plan_request *request, struct arena *arena,
		const struct plan **ret_plan, struct plan_failure *ret_failure)
{
	const size_t alternatives = request->alternatives;
	const struct plan *plan;

	request->alternatives = 0;
	if (!planner_plan(request, arena, &plan, ret_failure))
		return false;
	config->patience = &endless;
	ssh_config_facts(config, plan, request);
	request->alternatives = alternatives;
	return planner_plan(request, arena, ret_plan, ret_failure);
}
