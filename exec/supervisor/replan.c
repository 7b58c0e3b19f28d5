#include "exec/supervisor/replan.h"

static size_t count_names(const char *const *names)
{
	size_t count = 0;

	while (names && names[count])
		count++;
	return count;
}

static void add_hosts(const struct topology *topology, const char *const *names, size_t *hosts,
		      size_t *count)
{
	for (size_t i = 0; names && names[i]; i++) {
		const size_t host = topology_host(topology, names[i]);

		if (host != TOPOLOGY_NONE)
			hosts[(*count)++] = host;
	}
}

const struct tunnel *replan_tunnel(const struct replan *wanted)
{
	const struct topology *topology = wanted->snapshot->topology;
	const size_t tunnel = topology_tunnel(topology, wanted->name);

	return tunnel == TOPOLOGY_NONE ? NULL : &topology->tunnels[tunnel];
}

const struct plan *replan(const struct replan *wanted, struct arena *arena,
			  struct plan_failure *ret_failure)
{
	const struct snapshot *snapshot = wanted->snapshot;
	const struct tunnel *tunnel = replan_tunnel(wanted);
	const size_t most = count_names(wanted->without) + count_names(wanted->left_out);
	size_t *hosts = arena_array(arena, most, sizeof(*hosts)), count = 0;
	struct tunnel *stricter;
	const struct plan *plan;

	*ret_failure =
		(struct plan_failure){.code = "usage", .text = "the file has no such tunnel"};
	if (!tunnel)
		return NULL;
	if (tunnel->options.min_trust < wanted->min_trust) {
		stricter = arena_alloc(arena, sizeof(*stricter));
		*stricter = *tunnel;
		stricter->options.min_trust = wanted->min_trust;
		tunnel = stricter;
	}
	add_hosts(snapshot->topology, wanted->without, hosts, &count);
	add_hosts(snapshot->topology, wanted->left_out, hosts, &count);
	const struct plan_request request = {
		.network_index = &snapshot->network_index,
		.tunnel = tunnel,
		.me = snapshot->me,
		.where = snapshot->where,
		.without = hosts,
		.without_count = count,
		.unattended = wanted->unattended,
		.bare = !wanted->whole,
	};
	return planner_plan(&request, arena, &plan, ret_failure) ? plan : NULL;
}

bool replan_is_met(const struct snapshot *snapshot, const char *const *without,
		   const struct plan *plan, const struct live_tunnel *tunnel)
{
	const struct replan wanted = {
		.snapshot = snapshot,
		.name = tunnel->name,
		.without = without,
		.left_out = tunnel_left_out(tunnel),
		.min_trust = tunnel->least_trust,
		.unattended = true,
	};
	struct plan_failure failure;
	struct arena arena = {0};
	const struct plan *other = NULL;
	bool met = tunnel_matches_plan(tunnel, plan);

	if (!met && wanted.left_out)
		other = replan(&wanted, &arena, &failure);
	met |= other && tunnel_matches_plan(tunnel, other);
	arena_finish(&arena);
	return met;
}

bool replan_asks(const struct plan *plan)
{
	for (size_t i = 0; i < plan->hop_count; i++)
		if (plan->topology->hosts[plan->hops[i].host].ssh->interactive)
			return true;
	return false;
}
