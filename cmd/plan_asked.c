#include "cmd/plan_asked.h"

bool plan_asked(struct ssh_config *config, struct plan_request *request, struct arena *arena,
		const struct plan **ret_plan, struct plan_failure *ret_failure)
{
	const size_t alternatives = request->alternatives;
	const struct plan *plan;

	request->alternatives = 0;
	if (!planner_plan(request, arena, &plan, ret_failure))
		return false;
	ssh_config_facts(config, plan, request);
	request->alternatives = alternatives;
	return planner_plan(request, arena, ret_plan, ret_failure);
}
