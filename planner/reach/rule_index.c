#include "planner/reach/rule_index.h"

/* Bits of the longest prefix. */
#define PREFIX_MAX 128

/* More lists than a point can be found in: any, host, VLAN, and one for each length of a prefix. */
#define LISTS_MAX (3 + PREFIX_MAX + 1)

struct lists {
	struct rule_run items[LISTS_MAX];
	size_t count;
	size_t rules; /* in all of them */
};

/* --- building */

/* What one pass over the ends of all rules collects. */
struct collecting {
	const struct topology *topology;
	struct arena *arena;
	struct rule_index_side *side;
	uint32_t rule;
	bool counting; /* the first pass; the second one fills */
};

static void collect(struct collecting *collecting, const struct rule_end *end)
{
	const struct topology *topology = collecting->topology;
	struct rule_index_side *side = collecting->side;

	if (end->kind == RULE_SET) {
		for (size_t i = 0; i < topology->sets[end->set].end_count; i++)
			collect(collecting, &topology->sets[end->set].ends[i]);
	} else if (!collecting->counting) {
		id_lists_add(&side->named, rule_key(topology, end), collecting->rule);
	} else {
		id_lists_count(&side->named, rule_key(topology, end));
		if (end->kind == RULE_CIDR)
			range_index_add(&side->ranges, &end->cidr, collecting->rule,
					collecting->arena);
	}
}

static void collect_all(struct collecting *collecting, enum rule_side side)
{
	const struct topology *topology = collecting->topology;

	for (size_t r = 0; r < topology->rule_count; r++) {
		collecting->rule = (uint32_t)r;
		collect(collecting, rule_end_of(&topology->rules[r], side));
	}
}

static void sort_ranges(struct rule_index_side *side, struct arena *arena)
{
	range_index_sort(&side->ranges, arena);
	side->range_rules = arena_array(arena, side->ranges.count, sizeof(*side->range_rules));
	for (size_t i = 0; i < side->ranges.count; i++)
		side->range_rules[i] = side->ranges.entries[i].owner;
}

static void build_side(const struct topology *topology, enum rule_side which,
		       struct rule_index_side *side, struct arena *arena)
{
	const size_t count = rule_key_count(topology);
	struct collecting collecting = {
		.topology = topology, .arena = arena, .side = side, .counting = true};

	id_lists_init(&side->named, count, arena);
	collect_all(&collecting, which);
	id_lists_make_room(&side->named, count, arena);
	collecting.counting = false;
	collect_all(&collecting, which);
	sort_ranges(side, arena);
}

void rule_index_init(struct rule_index *index, const struct topology *topology, struct arena *arena)
{
	*index = (struct rule_index){.topology = topology};
	for (enum rule_side side = 0; side < RULES_SIDES; side++)
		build_side(topology, side, &index->sides[side], arena);
}

/* --- looking up */

/* The rules that name something. */
static struct rule_run list_of(const struct rule_index_side *side, size_t number)
{
	struct rule_run run;

	run.rules = id_lists_of(&side->named, number, &run.count);
	return run;
}

static void add(struct lists *lists, struct rule_run list)
{
	if (list.count == 0)
		return;
	lists->items[lists->count++] = list;
	lists->rules += list.count;
}

/* Adds the rules with a range that has an address in it, up to a length of the prefix. */
static void add_ranges(const struct rule_index_side *side, uint8_t family, const uint8_t bytes[16],
		       unsigned longest, struct lists *lists)
{
	const struct range_index *ranges = &side->ranges;
	const uint64_t high = range_bits(bytes), low = range_bits(bytes + 8);

	for (size_t g = 0; g < ranges->group_count; g++) {
		const struct range_group *group = &ranges->groups[g];
		const struct range_entry *first;
		size_t count;

		if (group->family != family || group->prefix > longest)
			continue;
		first = range_index_find(ranges, group, high, low, &count);
		add(lists, (struct rule_run){side->range_rules + (first - ranges->entries), count});
	}
}

static unsigned bits_of(uint8_t family)
{
	return family == ADDRESS_IPV4 ? 32 : PREFIX_MAX;
}

/* The rules that may match a point by its address: all of its VLAN's where the file gives none. */
static void find_by_address(const struct topology *topology, const struct rule_index_side *side,
			    const struct match_point *point, struct lists *lists)
{
	const struct address *address = point->address;
	const struct vlan *vlan;

	if (address && address->family != ADDRESS_NAME) {
		add_ranges(side, address->family, address->bytes, bits_of(address->family), lists);
		return;
	}
	if (point->vlan == TOPOLOGY_NONE)
		return;
	/* A range has to hold all of the VLAN's, so the first one leads to it. */
	vlan = &topology->vlans[point->vlan];
	if (vlan->cidr_count)
		add_ranges(side, vlan->cidrs[0].family, vlan->cidrs[0].bytes, vlan->cidrs[0].prefix,
			   lists);
}

static void find(const struct rule_index *index, enum rule_side which,
		 const struct match_point *point, struct lists *lists)
{
	const struct rule_index_side *side = &index->sides[which];

	lists->count = 0;
	lists->rules = 0;
	add(lists, list_of(side, RULE_KEY_ANY));
	if (point->host != TOPOLOGY_NONE)
		add(lists, list_of(side, rule_key_host(index->topology, point->host)));
	if (point->vlan != TOPOLOGY_NONE)
		add(lists, list_of(side, rule_key_vlan(point->vlan)));
	find_by_address(index->topology, side, point, lists);
}

/* Takes the smallest index out of the lists. Returns false when they are empty. */
static bool take_first(struct lists *lists, uint32_t *ret_rule)
{
	struct rule_run *first = NULL;

	for (size_t i = 0; i < lists->count; i++) {
		struct rule_run *list = &lists->items[i];

		if (list->count && (!first || *list->rules < *first->rules))
			first = list;
	}
	if (!first)
		return false;
	*ret_rule = *first->rules++;
	first->count--;
	return true;
}

const struct rule *rule_index_match(const struct rule_index *index, const struct match_point *from,
				    const struct match_point *to, uint16_t port)
{
	struct lists sides[RULES_SIDES], *shorter;
	uint32_t rule;

	if (index->topology->rule_count == 0)
		return NULL;
	find(index, RULES_FROM, from, &sides[RULES_FROM]);
	if (sides[RULES_FROM].rules == 0)
		return NULL;
	find(index, RULES_TO, to, &sides[RULES_TO]);
	shorter = &sides[sides[RULES_TO].rules < sides[RULES_FROM].rules ? RULES_TO : RULES_FROM];
	while (take_first(shorter, &rule))
		if (match_one(index->topology, &index->topology->rules[rule], from, to, port))
			return &index->topology->rules[rule];
	return NULL;
}

bool rule_index_lets_in(const struct rule *rule, uint16_t port)
{
	return rule->allow && (port == 0 || match_port(rule, port));
}

const struct rule *rule_index_near(const struct rule_index *index, const struct match_point *from,
				   const struct match_point *to, const struct rule *decides)
{
	const struct topology *topology = index->topology;
	const struct rule *end = decides ? decides : topology->rules + topology->rule_count;
	struct lists lists;
	uint32_t number;

	if (topology->rule_count == 0)
		return NULL;
	find(index, RULES_FROM, from, &lists);
	while (take_first(&lists, &number)) {
		const struct rule *rule = &topology->rules[number];

		if (rule >= end)
			return NULL;
		if (rule->allow && match_end(topology, &rule->from, from) &&
		    match_end(topology, &rule->to, to))
			return rule;
	}
	return NULL;
}

/* --- visiting */

static void visit_list(const struct rule_index *index, struct rule_run list, rule_visit *visit,
		       void *context)
{
	for (size_t i = 0; i < list.count; i++)
		visit(context, &index->topology->rules[list.rules[i]]);
}

/* A presence on a VLAN (TOPOLOGY_NONE: on none of the file), at some addresses. */
static void visit_presence(const struct rule_index *index, enum rule_side which, size_t vlan,
			   const struct address *addresses, size_t count, rule_visit *visit,
			   void *context)
{
	const struct rule_index_side *side = &index->sides[which];

	if (vlan != TOPOLOGY_NONE)
		visit_list(index, list_of(side, rule_key_vlan(vlan)), visit, context);
	if (side->ranges.count == 0)
		return;
	/* The last one is the host's name: whatever the addresses are, it may dial and be dialled so. */
	for (size_t i = 0; i <= count; i++) {
		const struct match_point point = {.vlan = vlan,
						  .address = i < count ? &addresses[i] : NULL};
		struct lists lists = {.count = 0};

		find_by_address(index->topology, side, &point, &lists);
		for (size_t l = 0; l < lists.count; l++)
			visit_list(index, lists.items[l], visit, context);
	}
}

void rule_index_visit(const struct rule_index *index, enum rule_side which, size_t host,
		      rule_visit *visit, void *context)
{
	const struct rule_index_side *side = &index->sides[which];
	const struct host *at = &index->topology->hosts[host];

	if (index->topology->rule_count == 0)
		return;
	visit_list(index, list_of(side, RULE_KEY_ANY), visit, context);
	visit_list(index, list_of(side, rule_key_host(index->topology, host)), visit, context);
	for (size_t i = 0; i < at->interface_count; i++)
		visit_presence(index, which, at->interfaces[i].vlan, at->interfaces[i].addresses,
			       at->interfaces[i].address_count, visit, context);
	for (size_t i = 0; i < at->published_count && which == RULES_TO; i++)
		if (at->published[i].vlan != TOPOLOGY_NONE)
			visit_presence(index, which, at->published[i].vlan,
				       &at->published[i].address, 1, visit, context);
}

void rule_index_visit_address(const struct rule_index *index, enum rule_side which, size_t vlan,
			      const struct address *address, rule_visit *visit, void *context)
{
	visit_presence(index, which, vlan, address, 1, visit, context);
}

/* --- visiting by what the ends name */

void rule_index_visit_key(const struct rule_index *index, enum rule_side which, size_t key,
			  rule_visit *visit, void *context)
{
	visit_list(index, list_of(&index->sides[which], key), visit, context);
}

void rule_index_visit_span(const struct rule_index *index, enum rule_side which, uint8_t family,
			   uint64_t low, uint64_t high, rule_visit *visit, void *context)
{
	const struct range_index *ranges = &index->sides[which].ranges;

	for (size_t g = 0; g < ranges->group_count; g++) {
		const struct range_group *group = &ranges->groups[g];
		size_t i = range_index_from(ranges, group, low & range_mask(group->prefix, 0), 0);

		for (; group->family == family && i < group->end; i++) {
			if (ranges->entries[i].high > high)
				break;
			visit(context, &index->topology->rules[ranges->entries[i].owner]);
		}
	}
}
