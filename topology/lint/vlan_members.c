#include "topology/lint/vlan_members.h"

/* All members, in the order in which each VLAN has them. */
struct walk {
	const struct vlan_members *vlan_members;
	size_t host;
	size_t next; /* interface of it, or behind the last host: of the places */
};

static bool next_member(struct walk *walk, struct member *ret_member)
{
	const struct topology *topology = walk->vlan_members->topology;

	for (; walk->host < topology->host_count; walk->host++, walk->next = 0) {
		const struct host *host = &topology->hosts[walk->host];

		if (walk->next == host->interface_count)
			continue;
		*ret_member =
			(struct member){walk->host, &host->interfaces[walk->next++], TOPOLOGY_NONE};
		return true;
	}
	if (walk->next == walk->vlan_members->at_place_count)
		return false;
	*ret_member = walk->vlan_members->at_places[walk->next++];
	return true;
}

static void collect_places(struct vlan_members *vlan_members, struct arena *arena)
{
	const struct topology *topology = vlan_members->topology;
	size_t count = 0;

	for (size_t i = 0; i < topology->place_count; i++)
		count += topology->places[i].interface_count;
	vlan_members->at_places = arena_array(arena, count, sizeof(*vlan_members->at_places));
	for (size_t i = 0; i < topology->place_count; i++) {
		for (size_t j = 0; j < topology->places[i].interface_count; j++)
			vlan_members->at_places[vlan_members->at_place_count++] = (struct member){
				topology->me, &topology->places[i].interfaces[j], i};
	}
}

/* Whether the host of a member can have another interface, at the same time or not. */
static bool is_multihomed(const struct vlan_members *vlan_members, const struct member *member)
{
	size_t count;

	if (member->host == TOPOLOGY_NONE)
		return false;
	count = vlan_members->topology->hosts[member->host].interface_count;
	if (vlan_members_moves(vlan_members, member->host))
		count += vlan_members->at_place_count;
	return count > 1;
}

/* Sorts all members by VLAN, or the multihomed ones only. */
static void make_list(const struct vlan_members *vlan_members, bool multihomed, struct arena *arena,
		      struct member_list *list)
{
	const size_t vlans = vlan_members->topology->vlan_count;
	size_t *first = arena_array(arena, vlans + 2, sizeof(*first));
	struct walk walk = {.vlan_members = vlan_members};
	struct member member;

	/* Counted one place too far, so that filling moves each start to where it belongs. */
	while (next_member(&walk, &member)) {
		if (!multihomed || is_multihomed(vlan_members, &member))
			first[member.interface->vlan + 2]++;
	}
	for (size_t v = 2; v < vlans + 2; v++)
		first[v] += first[v - 1];
	list->first = first;
	list->items = arena_array(arena, first[vlans + 1], sizeof(*list->items));
	walk = (struct walk){.vlan_members = vlan_members};
	while (next_member(&walk, &member)) {
		if (!multihomed || is_multihomed(vlan_members, &member))
			list->items[first[member.interface->vlan + 1]++] = member;
	}
}

void vlan_members_init(struct vlan_members *vlan_members, const struct topology *topology,
		       struct arena *arena)
{
	*vlan_members = (struct vlan_members){.topology = topology};
	collect_places(vlan_members, arena);
	make_list(vlan_members, false, arena, &vlan_members->all);
	make_list(vlan_members, true, arena, &vlan_members->multihomed);
}

const struct member *vlan_members_on(const struct member_list *list, size_t vlan, size_t *ret_count)
{
	*ret_count = list->first[vlan + 1] - list->first[vlan];
	return &list->items[list->first[vlan]];
}

bool vlan_members_moves(const struct vlan_members *vlan_members, size_t host)
{
	return vlan_members->at_place_count > 0 &&
	       (vlan_members->topology->me == TOPOLOGY_NONE || vlan_members->topology->me == host);
}

bool vlan_members_next(struct vlan_members_walk *walk, struct member *ret_member)
{
	const struct host *host = &walk->vlan_members->topology->hosts[walk->host];
	size_t index = walk->next++;

	if (index < host->interface_count) {
		*ret_member = (struct member){walk->host, &host->interfaces[index], TOPOLOGY_NONE};
		return true;
	}
	index -= host->interface_count;
	if (index >= walk->vlan_members->at_place_count ||
	    !vlan_members_moves(walk->vlan_members, walk->host))
		return false;
	if (walk->certain && walk->vlan_members->topology->me == TOPOLOGY_NONE)
		return false;
	*ret_member = walk->vlan_members->at_places[index];
	ret_member->host = walk->host;
	return true;
}

bool vlan_members_together(const struct member *a, const struct member *b)
{
	return a->place == b->place || a->place == TOPOLOGY_NONE || b->place == TOPOLOGY_NONE;
}
