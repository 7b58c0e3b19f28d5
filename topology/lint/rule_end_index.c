#include "topology/lint/rule_end_index.h"

#include <stdlib.h>
#include <string.h>

const struct rule_end *rule_end_of(const struct rule *rule, enum rule_side side)
{
	return side == RULE_FROM ? &rule->from : &rule->to;
}

size_t rule_end_index_vlan(size_t vlan)
{
	return RULE_END_INDEX_ANY + 1 + vlan;
}

size_t rule_end_index_host(const struct rule_end_index *index, size_t host)
{
	return rule_end_index_vlan(index->topology->vlan_count) + host;
}

static size_t key_of(const struct rule_end_index *index, const struct rule_end *end)
{
	switch (end->kind) {
	case RULE_HOST:
	case RULE_HOST_AT_VLAN:
		return rule_end_index_host(index, end->host);
	case RULE_VLAN:
		return rule_end_index_vlan(end->vlan);
	default:
		return RULE_END_INDEX_ANY;
	}
}

static void index_sets(struct rule_end_index *index, struct arena *arena)
{
	const struct topology *topology = index->topology;
	size_t *first = arena_array(arena, topology->set_count + 2, sizeof(*first));

	/* Counted one place too far, so that filling moves each start to where it belongs. */
	for (size_t i = 0; i < topology->rule_count; i++) {
		const struct rule_end *end = rule_end_of(&topology->rules[i], index->side);

		if (end->kind == RULE_SET)
			first[end->set + 2]++;
	}
	for (size_t i = 2; i < topology->set_count + 2; i++)
		first[i] += first[i - 1];
	index->set_first = first;
	index->set_seen = arena_array(arena, topology->set_count, sizeof(size_t));
	index->set_rules = arena_array(arena, topology->rule_count, sizeof(size_t));
	for (size_t i = 0; i < topology->rule_count; i++) {
		const struct rule_end *end = rule_end_of(&topology->rules[i], index->side);

		if (end->kind == RULE_SET)
			index->set_rules[first[end->set + 1]++] = i;
	}
}

/* All ends of one side that are no sets: those of the rules, then of the sets that rules name. */
struct ends_walk {
	const struct rule_end_index *index;
	size_t owner;
	size_t member; /* of a set */
};

static bool next_end(struct ends_walk *walk, struct rule_entry *ret_entry)
{
	const struct topology *topology = walk->index->topology;

	for (; walk->owner < topology->rule_count; walk->owner++) {
		const struct rule *rule = &topology->rules[walk->owner];
		const struct rule_end *end = rule_end_of(rule, walk->index->side);

		if (end->kind == RULE_SET)
			continue;
		*ret_entry = (struct rule_entry){end, walk->owner++};
		return true;
	}
	for (; walk->owner < topology->rule_count + topology->set_count; walk->owner++) {
		const size_t number = walk->owner - topology->rule_count;
		const struct set *set = &topology->sets[number];
		const size_t *first = walk->index->set_first;

		if (first[number] < first[number + 1] && walk->member < set->end_count) {
			*ret_entry = (struct rule_entry){&set->ends[walk->member++], walk->owner};
			return true;
		}
		walk->member = 0;
	}
	return false;
}

/* Spreads all entries but the ranges; these are counted. */
static size_t index_entries(struct rule_end_index *index, struct arena *arena)
{
	const struct topology *topology = index->topology;
	const size_t keys = rule_end_index_host(index, topology->host_count);
	size_t *first = arena_array(arena, keys + 2, sizeof(*first));
	struct ends_walk walk = {.index = index};
	struct rule_entry entry;
	size_t ranges = 0;

	while (next_end(&walk, &entry)) {
		if (entry.end->kind == RULE_CIDR)
			ranges++;
		else
			first[key_of(index, entry.end) + 2]++;
	}
	for (size_t i = 2; i < keys + 2; i++)
		first[i] += first[i - 1];
	index->first = first;
	index->entries = arena_array(arena, first[keys + 1], sizeof(*index->entries));
	walk = (struct ends_walk){.index = index};
	while (next_end(&walk, &entry)) {
		if (entry.end->kind != RULE_CIDR)
			index->entries[first[key_of(index, entry.end) + 1]++] = entry;
	}
	return ranges;
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

static void index_ranges(struct rule_end_index *index, size_t count, struct arena *arena)
{
	struct ends_walk walk = {.index = index};
	struct rule_entry entry;
	size_t filled = 0;

	index->ranges = arena_array(arena, count, sizeof(*index->ranges));
	while (next_end(&walk, &entry)) {
		if (entry.end->kind == RULE_CIDR)
			index->ranges[filled++] = entry;
	}
	if (count)
		qsort(index->ranges, count, sizeof(*index->ranges), compare_ranges);
	for (size_t i = 0; i < count; i++)
		add_to_group(index, i, arena);
}

void rule_end_index_init(struct rule_end_index *index, const struct subsume *subsume,
			 enum rule_side side, struct arena *arena)
{
	*index = (struct rule_end_index){
		.topology = subsume->vlan_members->topology, .subsume = *subsume, .side = side};
	index_sets(index, arena);
	index_ranges(index, index_entries(index, arena), arena);
}
