#include "topology/validate/validate_parts.h"

/*
 * An error within a tunnel spoils this tunnel, and nothing else of the file: no host, rule or other tunnel
 * depends on it. A variable may lead it to a host that is not there today.
 */

/* Takes the spoiled tunnels out of a group. moved: where each tunnel is now, or TOPOLOGY_NONE. */
static void thin_out(struct group *group, const size_t *moved)
{
	size_t kept = 0;

	for (size_t i = 0; i < group->tunnel_count; i++) {
		const size_t tunnel = moved[group->tunnels[i]];

		if (tunnel == TOPOLOGY_NONE)
			group->incomplete = true;
		else
			group->tunnels[kept++] = tunnel;
	}
	group->tunnel_count = kept;
}

void validate_spoiled(struct validator *validator)
{
	struct topology *topology = validator->topology;
	size_t *moved = arena_array(validator->scratch, topology->tunnel_count, sizeof(*moved));
	size_t kept = 0;

	for (size_t i = 0; i < topology->tunnel_count; i++) {
		moved[i] = validator->spoiled[i] ? TOPOLOGY_NONE : kept;
		if (moved[i] == TOPOLOGY_NONE)
			*ARENA_PUSH(validator->arena, topology->spoiled, topology->spoiled_count) =
				topology->tunnels[i].name;
		else
			topology->tunnels[kept++] = topology->tunnels[i];
	}
	topology->tunnel_count = kept;
	if (!topology->spoiled_count)
		return;
	for (size_t i = 0; i < topology->group_count; i++)
		thin_out(&topology->groups[i], moved);
	index_renew(topology, INDEX_TUNNELS, validator->arena);
}
