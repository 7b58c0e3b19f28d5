#include "planner/atlas.h"

/* First counts one place too far, so that filling moves each start to where it belongs. */
static void enter(struct roll *roll, size_t number, uint32_t host, bool counting)
{
	if (counting)
		roll->first[number + 2]++;
	else
		roll->hosts[roll->first[number + 1]++] = host;
}

static void enter_host(struct atlas *atlas, size_t h, bool counting)
{
	const struct host *host = &atlas->topology->hosts[h];

	for (size_t i = 0; i < host->interface_count; i++)
		enter(&atlas->members, host->interfaces[i].vlan, (uint32_t)h, counting);
	for (size_t i = 0; i < host->published_count; i++) {
		const struct publication *at = &host->published[i];

		if (at->vlan == TOPOLOGY_NONE)
			enter(&atlas->guests, at->host, (uint32_t)h, counting);
		else
			enter(&atlas->members, at->vlan, (uint32_t)h, counting);
	}
}

static void enter_all(struct atlas *atlas, bool counting)
{
	for (size_t h = 0; h < atlas->topology->host_count; h++)
		enter_host(atlas, h, counting);
}

static void make_room(struct roll *roll, size_t count, struct arena *arena)
{
	for (size_t n = 2; n < count + 2; n++)
		roll->first[n] += roll->first[n - 1];
	roll->hosts = arena_array(arena, roll->first[count + 1], sizeof(*roll->hosts));
}

void atlas_init(struct atlas *atlas, const struct topology *topology, struct arena *arena)
{
	*atlas = (struct atlas){.topology = topology};
	rulebook_init(&atlas->rules, topology, arena);
	if (rulebook_has_ranges(&atlas->rules))
		ranges_init(&atlas->ranges, topology, arena);
	atlas->members.first =
		arena_array(arena, topology->vlan_count + 2, sizeof(*atlas->members.first));
	atlas->guests.first =
		arena_array(arena, topology->host_count + 2, sizeof(*atlas->guests.first));
	enter_all(atlas, true);
	make_room(&atlas->members, topology->vlan_count, arena);
	make_room(&atlas->guests, topology->host_count, arena);
	enter_all(atlas, false);
	for (size_t h = 0; h < topology->host_count; h++)
		if (topology->hosts[h].trust > atlas->best_trust)
			atlas->best_trust = topology->hosts[h].trust;
}
