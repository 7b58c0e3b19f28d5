#include "planner/planner.h"

#include "planner/build.h"
#include "planner/explain/exposure.h"
#include "planner/explain/facts.h"
#include "planner/explain/listeners.h"
#include "planner/explain/near_miss.h"
#include "planner/explain/notes.h"
#include "planner/explain/other_paths.h"
#include "planner/explain/why.h"
#include "planner/plan_verify.h"
#include "planner/search/search.h"
#include "planner/whatif.h"

/* A tunnel being planned. */
struct planning {
	const struct plan_request *request;
	struct arena *arena;
	struct plan *plan;
	struct solving solving;
};

/* Where no path leads to either end, adds the changes for the egress to the changes for the ingress. */
static void add_other_end(const struct planning *planning, struct plan_failure *failure)
{
	struct solution *solution = planning->solving.unsolved;
	const struct task *task = &solution->task;
	struct plan_failure other;

	if (planning->solving.goal->kind != GOAL_INGRESS ||
	    solve_ends_on_me(&planning->solving, solution) ||
	    search_best(&task->to_egress, planning->arena, &solution->to_egress) == SEARCH_FOUND)
		return;
	why_no_path(task, &task->to_egress, planning->arena, &other);
	if (other.near_miss_count == 0)
		failure->near_miss_count = 0;
	for (size_t i = 0; i < failure->near_miss_count; i++)
		near_miss_add(&failure->near_misses[i], &other.near_misses[0], planning->arena);
}

static void explain(const struct planning *planning, struct plan_failure *ret_failure)
{
	struct solution *solution = planning->solving.unsolved;
	const struct goal *goal = planning->solving.goal;

	why_no_path(&solution->task, goal, planning->arena, ret_failure);
	if (solution->given_up)
		ret_failure->text = arena_format(planning->arena,
						 "%s was found: the search was given up, because "
						 "too many paths lead back and forth",
						 ret_failure->text);
}

/* --- into the plan */

/* Adds one path, what it was chosen over, and the paths beside it that were asked for. */
static void add_route(const struct planning *planning, const struct solution *solution,
		      const struct goal *goal, const struct plan_path *path)
{
	struct plan *plan = planning->plan;
	struct plan_route *route =
		arena_push(planning->arena, &plan->routes, &plan->route_count, sizeof(*route));

	route->forward = solution->task.forward ? solution->task.index : TOPOLOGY_NONE;
	route->to_ingress = goal->kind == GOAL_INGRESS;
	route->path = *path;
	other_paths_find(goal, planning->request->alternatives, planning->arena, route);
}

/* The next best plan changes one path, where that costs least: where the decider comes last. */
static const char *decided_by(const struct plan *plan)
{
	const struct plan_route *closest = NULL;

	for (size_t i = 0; i < plan->route_count; i++) {
		const struct plan_route *route = &plan->routes[i];

		if (route->next == PLAN_NEXT_UNKNOWN)
			return plan_decided_by(route);
		if (route->next == PLAN_NEXT && (!closest || route->decider > closest->decider))
			closest = route;
	}
	return plan_decided_by(closest ? closest : &plan->routes[0]);
}

static void add_solution(const struct planning *planning, struct builder *builder,
			 const struct solution *solution)
{
	const struct task *task = &solution->task;
	struct plan *plan = planning->plan;
	const size_t first = plan->forward_count;

	build_solution(builder, solution);
	if (planning->request->bare)
		return;
	if (solution->has_to_ingress)
		add_route(planning, solution, &task->to_ingress, &solution->to_ingress);
	if (solution->has_to_egress)
		add_route(planning, solution, &task->to_egress, &solution->to_egress);
	if (!task->forward)
		return;
	exposure_add(plan, task, first, plan->forward_count - 1, planning->arena);
	notes_forward(plan, task, plan->forward_count - 1, planning->arena);
}

/*
 * A plan that breaks a rule is a mistake of ours, which tests and developers are to meet first: with
 * PLAN_VERIFY there is none then. Returns whether there is.
 */
static bool verify(const struct planning *planning, struct plan_failure *ret_failure)
{
#ifdef PLAN_VERIFY
	struct arena *arena = planning->arena;
	const char *wrong = plan_verify(planning->plan, planning->request->tunnel, arena);

	if (wrong)
		*ret_failure = (struct plan_failure){
			.code = "internal",
			.text = arena_format(arena, "the plan of %s breaks a rule: %s",
					     planning->plan->name, wrong),
			.help = "this is a mistake of tunplan's: please report it"};
	return !wrong;
#else
	(void)planning, (void)ret_failure;
	return true;
#endif
}

static bool fail(const struct plan_request *request, struct plan_failure *failure)
{
	failure->topology = request->network_index->topology;
	failure->me = request->me;
	failure->where = request->where;
	return false;
}

/* What is not chosen but follows from what is. */
static void complete(const struct planning *planning)
{
	struct plan *plan = planning->plan;
	const struct task **tasks;

	for (size_t i = 0; i < plan->hop_count; i++)
		if (plan->hops[i].method == PLAN_STITCHED)
			plan->method = PLAN_STITCHED;
	facts_use(plan, planning->request, planning->arena);
	if (planning->request->bare)
		return;
	listeners_add(plan, planning->arena);
	tasks = arena_array(planning->arena, planning->solving.count, sizeof(void *));
	for (size_t i = 0; i < planning->solving.count; i++)
		tasks[i] = &planning->solving.solutions[i].task;
	notes_hops(plan, planning->arena);
	notes_options(plan, &planning->request->tunnel->options, planning->arena);
	plan->decided_by = decided_by(plan);
	why_rejected(plan, tasks, planning->solving.count, planning->arena);
}

/* Solves and builds; what is not of the plan is left in scratch. */
static bool plan_in(struct planning *planning, struct arena *scratch,
		    struct plan_failure *ret_failure)
{
	const struct plan_request *request = planning->request;
	struct builder builder = {.network_index = request->network_index,
				  .arena = planning->arena};
	struct plan *plan;

	if (!solve_request(request, planning->arena, scratch, &planning->solving, ret_failure)) {
		if (planning->solving.unsolved) {
			explain(planning, ret_failure);
			add_other_end(planning, ret_failure);
		}
		return fail(request, ret_failure);
	}
	plan = arena_alloc(planning->arena, sizeof(*plan));
	planning->plan = builder.plan = plan;
	plan->topology = request->network_index->topology;
	plan->name = request->tunnel->name;
	plan->me = request->me;
	plan->where = request->where;
	for (size_t i = 0; i < planning->solving.count; i++)
		add_solution(planning, &builder, &planning->solving.solutions[i]);
	complete(planning);
	return verify(planning, ret_failure) || fail(request, ret_failure);
}

bool planner_plan(const struct plan_request *request, struct arena *arena,
		  const struct plan **ret_plan, struct plan_failure *ret_failure)
{
	struct planning planning = {.request = request, .arena = arena};
	struct arena scratch = {0};
	const bool planned = plan_in(&planning, &scratch, ret_failure);

	if (planned)
		*ret_plan = planning.plan;
	arena_finish(&scratch);
	return planned;
}
