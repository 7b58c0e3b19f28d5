#include "topology/lint/rule_end_index.h"

#include <stdlib.h>
#include <string.h>

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
	for (size_t i = 0; i < index->entry_count; i++)
		id_lists_add(&index->named, rule_key(topology, index->entries[i].end), i);
}

static int compare_ranges(const void *left, const void *right)
{
	const struct rule_entry *a = left, *b = right;
	const struct cidr *x = &a->end->cidr, *y = &b->end->cidr;
	int bytes;

	if (x->family != y->family)
		return x->family - y->family;
	if (x->prefix != y->prefix)
		return x->prefix - y->prefix;
	bytes = memcmp(x->bytes, y->bytes, sizeof(x->bytes));
	return bytes ? bytes : (a->rule > b->rule) - (a->rule < b->rule);
}

/* Adds a range to the last group, or to a new one. */
static void add_to_group(struct rule_end_index *index, size_t number, struct arena *arena)
{
	const struct cidr *range = &index->ranges[number].end->cidr;
	struct rule_group *group = NULL;

	if (index->group_count)
		group = &index->groups[index->group_count - 1];
	if (!group || group->family != range->family || group->prefix != range->prefix) {
		group = arena_push(arena, &index->groups, &index->group_count, sizeof(*group));
		*group = (struct rule_group){range->family, range->prefix, number, number};
	}
	group->end = number + 1;
}

static void index_ranges(struct rule_end_index *index, struct arena *arena)
{
	size_t count;
	const uint32_t *ids = id_lists_of(&index->named, RULE_KEY_RANGE, &count);

	index->ranges = arena_array(arena, count, sizeof(*index->ranges));
	for (size_t i = 0; i < count; i++)
		index->ranges[i] = index->entries[ids[i]];
	if (count)
		qsort(index->ranges, count, sizeof(*index->ranges), compare_ranges);
	for (size_t i = 0; i < count; i++)
		add_to_group(index, i, arena);
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
	index_ranges(index, arena);
}
