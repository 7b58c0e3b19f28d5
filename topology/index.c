#include "topology/index.h"

/*
 * The arrays differ in type and have the name in common: each gets its function that fills a
 * lookup and its function that offers the names.
 */
#define DEFINE(array, number)                                                              \
	static void fill_##array(struct lookup *lookup, const struct topology *topology,   \
				 struct arena *arena)                                      \
	{                                                                                  \
		lookup_init(lookup, arena, topology->number);                              \
		for (size_t i = 0; i < topology->number; i++)                              \
			lookup_set(lookup, i, topology->array[i].name);                    \
		lookup_sort(lookup);                                                       \
	}                                                                                  \
	void index_offer_##array(const struct topology *topology, struct suggest *suggest) \
	{                                                                                  \
		for (size_t i = 0; i < topology->number; i++)                              \
			suggest_offer(suggest, topology->array[i].name, i);                \
	}

DEFINE(hosts, host_count)
DEFINE(vlans, vlan_count)
DEFINE(tunnels, tunnel_count)
DEFINE(groups, group_count)

const struct topology_index *index_create(const struct topology *topology, struct arena *arena)
{
	struct topology_index *index = arena_alloc(arena, sizeof(*index));

	fill_hosts(&index->hosts, topology, arena);
	fill_vlans(&index->vlans, topology, arena);
	fill_tunnels(&index->tunnels, topology, arena);
	fill_groups(&index->groups, topology, arena);
	return index;
}
