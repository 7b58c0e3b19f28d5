#include "topology/lint/presence.h"

/* All members, in the order in which each VLAN has them. */
struct walk {
	const struct presence *presence;
	size_t host;
	size_t next; /* interface of it, or behind the last host: of the places */
};

static bool next_member(struct walk *walk, struct member *ret_member)
{
	const struct topology *topology = walk->presence->topology;

	for (; walk->host < topology->host_count; walk->host++, walk->next = 0) {
		const struct host *host = &topology->hosts[walk->host];

		if (walk->next == host->interface_count)
			continue;
		*ret_member =
			(struct member){walk->host, &host->interfaces[walk->next++], TOPOLOGY_NONE};
		return true;
	}
	if (walk->next == walk->presence->at_place_count)
		return false;
	*ret_member = walk->presence->at_places[walk->next++];
	return true;
}

static void collect_places(struct presence *presence, struct arena *arena)
{
	const struct topology *topology = presence->topology;
	size_t count = 0;

	for (size_t i = 0; i < topology->place_count; i++)
		count += topology->places[i].interface_count;
	presence->at_places = arena_array(arena, count, sizeof(*presence->at_places));
	for (size_t i = 0; i < topology->place_count; i++) {
		for (size_t j = 0; j < topology->places[i].interface_count; j++)
			presence->at_places[presence->at_place_count++] = (struct member){
				topology->me, &topology->places[i].interfaces[j], i};
	}
}

/* Whether the host of a member can have another interface, at the same time or not. */
static bool is_multihomed(const struct presence *presence, const struct member *member)
{
	size_t count;

	if (member->host == TOPOLOGY_NONE)
		return false;
	count = presence->topology->hosts[member->host].interface_count;
	if (presence_moves(presence, member->host))
		count += presence->at_place_count;
	return count > 1;
}

/* Sorts all members by VLAN, or the multihomed ones only. */
static void make_list(const struct presence *presence, bool multihomed, struct arena *arena,
		      struct member_list *list)
{
	const size_t vlans = presence->topology->vlan_count;
	size_t *first = arena_array(arena, vlans + 2, sizeof(*first));
	struct walk walk = {.presence = presence};
	struct member member;

	/* Counted one place too far, so that filling moves each start to where it belongs. */
	while (next_member(&walk, &member)) {
		if (!multihomed || is_multihomed(presence, &member))
			first[member.interface->vlan + 2]++;
	}
	for (size_t v = 2; v < vlans + 2; v++)
		first[v] += first[v - 1];
	list->first = first;
	list->items = arena_array(arena, first[vlans + 1], sizeof(*list->items));
	walk = (struct walk){.presence = presence};
	while (next_member(&walk, &member)) {
		if (!multihomed || is_multihomed(presence, &member))
			list->items[first[member.interface->vlan + 1]++] = member;
	}
}

void presence_init(struct presence *presence, const struct topology *topology, struct arena *arena)
{
	*presence = (struct presence){.topology = topology};
	collect_places(presence, arena);
	make_list(presence, false, arena, &presence->all);
	make_list(presence, true, arena, &presence->multihomed);
}

const struct member *presence_on(const struct member_list *list, size_t vlan, size_t *ret_count)
{
	*ret_count = list->first[vlan + 1] - list->first[vlan];
	return &list->items[list->first[vlan]];
}

bool presence_moves(const struct presence *presence, size_t host)
{
	return presence->at_place_count > 0 &&
	       (presence->topology->me == TOPOLOGY_NONE || presence->topology->me == host);
}

bool presence_next(struct presence_walk *walk, struct member *ret_member)
{
	const struct host *host = &walk->presence->topology->hosts[walk->host];
	size_t index = walk->next++;

	if (index < host->interface_count) {
		*ret_member = (struct member){walk->host, &host->interfaces[index], TOPOLOGY_NONE};
		return true;
	}
	index -= host->interface_count;
	if (index >= walk->presence->at_place_count || !presence_moves(walk->presence, walk->host))
		return false;
	if (walk->certain && walk->presence->topology->me == TOPOLOGY_NONE)
		return false;
	*ret_member = walk->presence->at_places[index];
	ret_member->host = walk->host;
	return true;
}

bool presence_together(const struct member *a, const struct member *b)
{
	return a->place == b->place || a->place == TOPOLOGY_NONE || b->place == TOPOLOGY_NONE;
}
