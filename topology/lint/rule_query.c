#include "topology/lint/rule_query.h"

#include <stdlib.h>
#include <string.h>

#include "topology/language/address.h"

/* --- lists */

void rule_list_add(struct rule_list *list, size_t rule, struct arena *arena)
{
	list->items =
		arena_extend(arena, list->items, &list->room, list->count, sizeof(*list->items));
	list->items[list->count++] = rule;
}

static int compare_numbers(const void *left, const void *right)
{
	const size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return (a > b) - (a < b);
}

/* Puts the rules in their order. */
static void sort_list(struct rule_list *list)
{
	/* Most are in order already. */
	for (size_t i = 1; i < list->count; i++) {
		if (list->items[i - 1] < list->items[i])
			continue;
		qsort(list->items, list->count, sizeof(*list->items), compare_numbers);
		return;
	}
}

/* --- the index */

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
		.arena = arena,
		.query = 1,
	};
	index_entries(index, arena);
}

/* --- queries */

/* What is asked for: exactly one of point and end is set. */
struct query {
	struct rule_end_index *index;
	const struct match_point *point; /* an end that stands for it */
	const struct rule_end *end;      /* an end that covers it; no set */
	size_t before;                   /* rules with lower numbers */
	struct rule_list *list;
	size_t *count; /* instead of looking, the ends under the keys are counted here; or NULL */
};

static bool fits(const struct query *query, const struct rule_entry *entry)
{
	const struct rule_end_index *index = query->index;

	if (query->end)
		return subsume_end(&index->subsume, entry->end, query->end);
	budget_spend(index->subsume.budget, match_cost(index->topology, entry->end, query->point));
	return match_end(index->topology, entry->end, query->point);
}

/* Adds the rules that name a set, unless another member of it did. */
static void add_set(const struct query *query, size_t set)
{
	struct rule_end_index *index = query->index;
	size_t count;
	const uint32_t *ids =
		id_lists_of(&index->named, rule_key_set(index->topology, set), &count);

	if (index->set_seen[set] == index->query)
		return;
	index->set_seen[set] = index->query;
	for (size_t i = 0; i < count; i++) {
		const size_t rule = index->entries[ids[i]].rule;

		budget_spend(index->subsume.budget, 1);
		if (rule >= query->before)
			return;
		rule_list_add(query->list, rule, index->arena);
	}
}

/* Looks at an entry. Returns false for a rule behind those that are asked for. */
static bool look_at(const struct query *query, const struct rule_entry *entry)
{
	const size_t rules = query->index->topology->rule_count;

	if (entry->rule < rules && entry->rule >= query->before)
		return false;
	if (!fits(query, entry))
		return true;
	if (entry->rule < rules)
		rule_list_add(query->list, entry->rule, query->index->arena);
	else
		add_set(query, entry->rule - rules);
	return true;
}

static void look_at_key(const struct query *query, size_t key)
{
	const struct rule_end_index *index = query->index;
	size_t start = 0, end;
	const uint32_t *ids = id_lists_of(&index->named, key, &end);

	if (query->count) {
		*query->count += end;
		return;
	}
	/* The sets stand behind the rules, which ascend. */
	while (end > 0 && index->entries[ids[end - 1]].rule >= index->topology->rule_count)
		look_at(query, &index->entries[ids[--end]]);
	while (start < end && look_at(query, &index->entries[ids[start]]))
		start++;
}

static void look_at_group(const struct query *query, const struct range_group *group,
			  const uint8_t *bytes)
{
	const struct rule_end_index *index = query->index;
	size_t count;
	const struct range_entry *ranges = range_index_find(
		&index->ranges, group, range_bits(bytes), range_bits(bytes + 8), &count);

	for (size_t i = 0; i < count; i++)
		look_at(query, &index->entries[ranges[i].owner]);
}

/* Looks at the ranges that hold one: its first address and its length. */
static void look_at_ranges(const struct query *query, uint8_t family, const uint8_t *bytes,
			   unsigned prefix)
{
	const struct range_index *ranges = &query->index->ranges;

	for (size_t i = 0; i < ranges->group_count && !query->count; i++) {
		const struct range_group *group = &ranges->groups[i];

		budget_spend(query->index->subsume.budget, 1);
		if (group->family == family && group->prefix <= prefix)
			look_at_group(query, group, bytes);
	}
}

static void look_at_ranges_of(const struct query *query, const struct address *address)
{
	if (address->family != ADDRESS_NAME)
		look_at_ranges(query, address->family, address->bytes,
			       address_bits(address->family));
}

void rule_query_match(struct rule_end_index *index, const struct match_point *point,
		      struct rule_list *list)
{
	const struct query query = {
		.index = index, .point = point, .before = SIZE_MAX, .list = list};
	const struct vlan *vlan = NULL;

	list->count = 0;
	index->query++;
	look_at_key(&query, RULE_KEY_ANY);
	if (point->vlan != TOPOLOGY_NONE) {
		vlan = &index->topology->vlans[point->vlan];
		look_at_key(&query, rule_key_vlan(point->vlan));
	}
	if (point->host != TOPOLOGY_NONE)
		look_at_key(&query, rule_key_host(index->topology, point->host));
	/* An address that is not known is in a range that has all of its VLAN's. */
	if (point->address && point->address->family != ADDRESS_NAME)
		look_at_ranges_of(&query, point->address);
	else if (vlan && vlan->cidr_count)
		look_at_ranges(&query, vlan->cidrs[0].family, vlan->cidrs[0].bytes,
			       vlan->cidrs[0].prefix);
	sort_list(list);
}

/* Looks at what can cover an interface: all of these, if it is to cover the host. */
static void look_at_interface(const struct query *query, const struct interface *interface)
{
	look_at_key(query, rule_key_vlan(interface->vlan));
	if (interface->address_count)
		look_at_ranges_of(query, &interface->addresses[0]);
}

static void look_at_host(const struct query *query, size_t host, size_t vlan)
{
	struct vlan_members_walk walk = {.vlan_members = query->index->subsume.vlan_members,
					 .host = host};
	struct member member;

	look_at_key(query, rule_key_host(query->index->topology, host));
	while (vlan_members_next(&walk, &member)) {
		if (vlan != TOPOLOGY_NONE && vlan != member.interface->vlan)
			continue;
		look_at_interface(query, member.interface);
		return;
	}
}

static void look_around(const struct query *query)
{
	const struct rule_end *end = query->end;

	look_at_key(query, RULE_KEY_ANY);
	switch (end->kind) {
	case RULE_VLAN:
		look_at_key(query, rule_key_vlan(end->vlan));
		break;
	case RULE_HOST:
		look_at_host(query, end->host, TOPOLOGY_NONE);
		break;
	case RULE_HOST_AT_VLAN:
		look_at_host(query, end->host, end->vlan);
		break;
	case RULE_CIDR:
		look_at_ranges(query, end->cidr.family, end->cidr.bytes, end->cidr.prefix);
		break;
	default:
		break;
	}
}

/* Keeps the rules that cover not only the first member of a set. */
static void keep_covering(const struct rule_end_index *index, const struct rule_end *set,
			  struct rule_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count && !budget_is_spent(index->subsume.budget); i++) {
		const struct rule *rule = &index->topology->rules[list->items[i]];

		if (subsume_end(&index->subsume, rule_end_of(rule, index->side), set))
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

/* Whatever covers a set covers its first member. */
static const struct rule_end *simple_end(const struct rule_end_index *index,
					 const struct rule_end *end)
{
	return end->kind == RULE_SET ? &index->topology->sets[end->set].ends[0] : end;
}

size_t rule_query_bound(struct rule_end_index *index, const struct rule_end *end)
{
	size_t count = 0;
	const struct query query = {.index = index, .end = simple_end(index, end), .count = &count};

	look_around(&query);
	return count;
}

void rule_query_cover(struct rule_end_index *index, const struct rule_end *end, size_t before,
		      struct rule_list *list)
{
	const struct query query = {
		.index = index, .end = simple_end(index, end), .before = before, .list = list};

	list->count = 0;
	index->query++;
	look_around(&query);
	sort_list(list);
	if (end->kind == RULE_SET)
		keep_covering(index, end, list);
}
