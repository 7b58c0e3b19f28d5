#include "planner/whatif.h"

#include <string.h>

#include "planner/model/list.h"
#include "planner/solve.h"

/* Whether a tunnel is from or to a host; one where two pieces are joined is on the way. */
static bool is_end(const struct plan *plan, size_t host)
{
	for (size_t of = 0; of < plan_tunnel_forwards(plan); of++)
		if (plan_first_piece(plan, of)->ingress.host == host ||
		    plan_last_piece(plan, of)->egress.host == host)
			return true;
	/* A login ends on its last hop. */
	return plan->forward_count == 0 && plan->hops[plan->hop_count - 1].host == host;
}

static bool is_stated(const struct plan *plan)
{
	for (size_t i = 0; i < plan->hop_count; i++)
		if (plan->hops[i].assumed)
			return false;
	return true;
}

struct whatif_points whatif_spof(const struct plan_request *request, const struct plan *plan,
				 struct arena *arena)
{
	struct whatif_points points = {
		.hosts = arena_array(arena, plan->hop_count, sizeof(*points.hosts)),
		.assumed = arena_array(arena, plan->hop_count, sizeof(*points.assumed)),
	};
	size_t *gone = arena_array(arena, request->without_count + 1, sizeof(*gone));
	const bool stated = is_stated(plan);

	if (request->without_count)
		memcpy(gone, request->without, request->without_count * sizeof(*gone));
	for (size_t i = 0; i < plan->hop_count; i++) {
		const size_t host = plan->hops[i].host;
		struct plan_request without = *request;

		if (is_end(plan, host) || list_has(points.hosts, points.count, host) ||
		    list_has(points.assumed, points.assumed_count, host))
			continue;
		gone[request->without_count] = host;
		without.without = gone;
		without.without_count = request->without_count + 1;
		if (!solve_can(&without)) {
			points.hosts[points.count++] = host;
			continue;
		}
		without.stated_only = true;
		if (stated && !solve_can(&without))
			points.assumed[points.assumed_count++] = host;
	}
	return points;
}

static bool can_from(const struct plan_request *request, const struct topology *topology,
		     size_t place)
{
	const struct whereabouts where = {WHEREABOUTS_SAID, &place, 1};
	struct plan_request there = *request;
	struct arena arena = {0};
	struct network_index network_index;
	bool can;

	network_index_init(&network_index, topology_at(topology, request->me, &where, &arena),
			   &arena);
	there.network_index = &network_index;
	there.where = where;
	can = solve_can(&there);
	arena_finish(&arena);
	return can;
}

size_t *whatif_places(const struct plan_request *request, const struct topology *topology,
		      struct arena *arena, size_t *ret_count)
{
	size_t *places = NULL;

	*ret_count = 0;
	for (size_t i = 0; places_apply(topology, request->me) && i < topology->place_count; i++)
		if (can_from(request, topology, i))
			*(size_t *)arena_push(arena, &places, ret_count, sizeof(*places)) = i;
	return places;
}
