#include "planner/solve.h"

#include "planner/search/search.h"

/* Rule 17. */
bool solve_ends_on_me(const struct solving *solving, struct solution *solution)
{
	const struct task *task = &solution->task;
	const size_t me = solving->request->me;
	const struct reach dial = goal_dial(&task->to_egress, me);
	struct cost direct, on;

	if (!dial.open || task_leads_on(task))
		return false;
	if (task->egress == me)
		return true;
	if (search_best(&task->to_egress, solving->arena, &solution->to_egress) != SEARCH_FOUND)
		return true;
	/* Inside me is part of what opening the egress from me leaves in the clear, and of a joint there. */
	direct = goal_exposure(&task->to_egress, me, &dial);
	on = solution->to_egress.cost;
	on.parts[COST_EXPOSURE + task->topology->hosts[me].trust] +=
		task->to_egress.encrypted == SERVICE_CLEAR;
	return cost_compare(&direct, &on) <= 0;
}

/* Finds the best path to a goal of a task. */
static bool solve_goal(const struct solving *solving, struct solution *solution, struct goal *goal,
		       struct plan_path *ret_path)
{
	enum search_end end;

	search_look(goal, solving->scratch);
	end = search_best(goal, solving->arena, ret_path);
	solution->given_up = end == SEARCH_GIVEN_UP;
	return end == SEARCH_FOUND;
}

/* Finds the paths of a task. Returns the goal to which there is none, or NULL. */
static const struct goal *solve_task(const struct solving *solving, struct solution *solution)
{
	struct task *task = &solution->task;

	solution->has_to_ingress = task_is_remote(task);
	if (solution->has_to_ingress &&
	    !solve_goal(solving, solution, &task->to_ingress, &solution->to_ingress))
		return &task->to_ingress;
	if (solution->has_to_ingress && solve_ends_on_me(solving, solution))
		return NULL;
	solution->has_to_egress = true;
	return solve_goal(solving, solution, &task->to_egress, &solution->to_egress)
		       ? NULL
		       : &task->to_egress;
}

bool solve_request(const struct plan_request *request, struct arena *arena, struct arena *scratch,
		   struct solving *ret_solving, struct plan_failure *ret_failure)
{
	const size_t forwards = request->tunnel->forward_count;
	const size_t count = forwards ? forwards : 1;

	*ret_solving =
		(struct solving){.request = request,
				 .arena = arena,
				 .scratch = scratch,
				 .solutions = arena_array(scratch, count, sizeof(struct solution)),
				 .count = count};
	for (size_t i = 0; i < count; i++) {
		struct solution *solution = &ret_solving->solutions[i];

		if (!task_resolve(request, i, arena, &solution->task, ret_failure))
			return false;
		ret_solving->goal = solve_task(ret_solving, solution);
		if (ret_solving->goal) {
			ret_solving->unsolved = solution;
			return false;
		}
	}
	return true;
}

bool solve_can(const struct plan_request *request)
{
	struct arena arena = {0};
	struct solving solving;
	struct plan_failure unheard;
	const bool can = solve_request(request, &arena, &arena, &solving, &unheard);

	arena_finish(&arena);
	return can;
}
