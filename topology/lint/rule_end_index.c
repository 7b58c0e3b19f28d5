#include "topology/lint/rule_end_index.h"

static void add_entry(struct rule_end_index *index, const struct rule_end *end, size_t owner)
{
	index->entries[index->entry_count++] = (struct rule_entry){end, owner};
	id_lists_count(&index->named, rule_key(index->topology, end));
}

static void add_entries(struct rule_end_index *index)
{
	const struct topology *topology = index->topology;

	for (size_t r = 0; r < topology->rule_count; r++) {
		const struct rule_end *end = rule_end_of(&topology->rules[r], index->side);

		add_entry(index, end, r);
		if (end->kind == RULE_SET)
			index->set_seen[end->set] = index->query;
	}
	for (size_t s = 0; s < topology->set_count; s++) {
		const struct set *set = &topology->sets[s];

		for (size_t i = 0; i < set->end_count && index->set_seen[s]; i++)
			add_entry(index, &set->ends[i], topology->rule_count + s);
	}
}

static void index_entries(struct rule_end_index *index, struct arena *arena)
{
	const struct topology *topology = index->topology;
	const size_t keys = rule_key_count(topology);
	size_t room = topology->rule_count;

	for (size_t s = 0; s < topology->set_count; s++)
		room += topology->sets[s].end_count;
	index->entries = arena_array(arena, room, sizeof(*index->entries));
	index->set_seen = arena_array(arena, topology->set_count, sizeof(*index->set_seen));
	id_lists_init(&index->named, keys, arena);
	add_entries(index);
	id_lists_make_room(&index->named, keys, arena);
	for (size_t i = 0; i < index->entry_count; i++) {
		const struct rule_end *end = index->entries[i].end;

		id_lists_add(&index->named, rule_key(topology, end), i);
		if (end->kind == RULE_CIDR)
			range_index_add(&index->ranges, &end->cidr, i, arena);
	}
	range_index_sort(&index->ranges, arena);
}

void rule_end_index_init(struct rule_end_index *index, const struct subsume *subsume,
			 enum rule_side side, struct arena *arena)
{
	*index = (struct rule_end_index){
		.topology = subsume->vlan_members->topology,
		.subsume = *subsume,
		.side = side,
		.query = 1,
	};
	index_entries(index, arena);
}
