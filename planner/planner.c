#include "planner/planner.h"

#include "planner/build.h"
#include "planner/exposure.h"
#include "planner/listeners.h"
#include "planner/notes.h"
#include "planner/search.h"
#include "planner/why.h"

/* A tunnel being planned. */
struct planning {
	const struct plan_request *request;
	struct arena *arena;
	struct plan *plan;
	struct solution *solutions; /* one per forward; one for a login */
	size_t count;
};

/* --- the ways of one task */

/* What opening the egress from me leaves in the clear; inside me is part of it. */
static struct cost direct_cost(const struct task *task, const struct reach *dial)
{
	return goal_exposure(&task->to_egress, task->request->me, dial);
}

/* What going on from me leaves in the clear on me, beside what the way itself does. */
static void add_joint_on_me(const struct task *task, struct cost *cost)
{
	const struct host *me = &task->topology->hosts[task->request->me];

	if (task->to_egress.encrypted == SERVICE_CLEAR && task->request->me != task->egress)
		cost->parts[COST_EXPOSURE + me->trust]++;
}

/* Whether me opens the egress of a remote tunnel itself (rule 17); else there has to be a way on. */
static bool opens_itself(const struct planning *planning, struct solution *solution)
{
	const struct task *task = &solution->task;
	const size_t me = planning->request->me;
	const struct reach dial = goal_dial(&task->to_egress, me);
	struct cost direct, on;

	if (task->egress == me && dial.open)
		return true;
	if (!dial.open || task_leads_on(task))
		return false;
	if (!search_best(&task->to_egress, planning->arena, &solution->to_egress))
		return true;
	direct = direct_cost(task, &dial);
	on = solution->to_egress.cost;
	add_joint_on_me(task, &on);
	return cost_compare(&direct, &on) <= 0;
}

static bool find_way(const struct planning *planning, const struct solution *solution,
		     const struct goal *goal, struct plan_way *way,
		     struct plan_failure *ret_failure)
{
	if (search_best(goal, planning->arena, way))
		return true;
	why_no_way(&solution->task, goal, planning->arena, ret_failure);
	return false;
}

static bool solve(const struct planning *planning, struct solution *solution,
		  struct plan_failure *ret_failure)
{
	const struct task *task = &solution->task;

	solution->has_to_ingress = task_is_remote(task);
	if (solution->has_to_ingress &&
	    !find_way(planning, solution, &task->to_ingress, &solution->to_ingress, ret_failure))
		return false;
	if (solution->has_to_ingress && opens_itself(planning, solution))
		return true;
	solution->has_to_egress = true;
	return find_way(planning, solution, &task->to_egress, &solution->to_egress, ret_failure);
}

/* --- into the plan */

/* Adds one way, what it was chosen over, and the ways beside it that were asked for. */
static void add_route(const struct planning *planning, const struct solution *solution,
		      const struct goal *goal, const struct plan_way *way)
{
	struct plan *plan = planning->plan;
	struct plan_route *route =
		arena_push(planning->arena, &plan->routes, &plan->route_count, sizeof(*route));
	const size_t wanted = planning->request->alternatives;
	struct plan_way next;

	route->forward = solution->task.forward ? solution->task.index : TOPOLOGY_NONE;
	route->to_ingress = goal->kind == GOAL_INGRESS;
	route->way = *way;
	route->alone = !search_next(goal, way, planning->arena, &next);
	if (!route->alone)
		route->decider = cost_decider(&way->cost, &next.cost);
	if (wanted == 0)
		return;
	route->alternatives = arena_array(planning->arena, wanted, sizeof(*route->alternatives));
	route->alternative_count = search_alternatives(goal, way, wanted, planning->arena,
						       route->alternatives);
	why_depends(goal, route, planning->arena);
}

/* The next best plan changes one way, where that costs least: where the decider comes last. */
static const char *decided_by(const struct plan *plan)
{
	const struct plan_route *closest = NULL;

	for (size_t i = 0; i < plan->route_count; i++)
		if (!plan->routes[i].alone &&
		    (!closest || plan->routes[i].decider > closest->decider))
			closest = &plan->routes[i];
	return closest ? cost_part_name(closest->decider) : "only path";
}

static void add_solution(const struct planning *planning, struct builder *builder,
			 const struct solution *solution)
{
	const struct task *task = &solution->task;
	struct plan *plan = planning->plan;
	const size_t first = plan->forward_count;

	build_solution(builder, solution);
	if (solution->has_to_ingress)
		add_route(planning, solution, &task->to_ingress, &solution->to_ingress);
	if (solution->has_to_egress)
		add_route(planning, solution, &task->to_egress, &solution->to_egress);
	if (!task->forward)
		return;
	exposure_add(plan, task, first, plan->forward_count - 1, planning->arena);
	notes_forward(plan, task, first, plan->forward_count - 1, planning->arena);
}

static bool solve_all(const struct planning *planning, struct plan_failure *ret_failure)
{
	for (size_t i = 0; i < planning->count; i++) {
		struct solution *solution = &planning->solutions[i];

		if (!task_resolve(planning->request, i, planning->arena, &solution->task,
				  ret_failure) ||
		    !solve(planning, solution, ret_failure))
			return false;
	}
	return true;
}

bool planner_plan(const struct plan_request *request, struct arena *arena,
		  const struct plan **ret_plan, struct plan_failure *ret_failure)
{
	const size_t forwards = request->tunnel->forward_count;
	struct planning planning = {
		.request = request, .arena = arena, .count = forwards ? forwards : 1};
	struct builder builder = {.arena = arena};
	struct plan *plan = arena_alloc(arena, sizeof(*plan));

	planning.solutions = arena_array(arena, planning.count, sizeof(*planning.solutions));
	if (!solve_all(&planning, ret_failure)) {
		ret_failure->topology = request->atlas->topology;
		ret_failure->me = request->me;
		ret_failure->where = request->where;
		return false;
	}
	planning.plan = builder.plan = plan;
	plan->topology = request->atlas->topology;
	plan->name = request->tunnel->name;
	plan->me = request->me;
	plan->where = request->where;
	for (size_t i = 0; i < planning.count; i++)
		add_solution(&planning, &builder, &planning.solutions[i]);
	for (size_t i = 0; i < plan->hop_count; i++)
		if (plan->hops[i].method == PLAN_STITCHED)
			plan->method = PLAN_STITCHED;
	listeners_add(plan, arena);
	notes_hops(plan, arena);
	notes_options(plan, &request->tunnel->options, arena);
	plan->decided_by = decided_by(plan);
	why_rejected(plan, planning.solutions, planning.count, arena);
	*ret_plan = plan;
	return true;
}
