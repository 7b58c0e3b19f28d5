#include "topology/model/index.h"

#include <string.h>

/* Where the things of a kind are in a topology. */
struct row {
	const char *word;
	size_t items; /* offsets in struct topology, and the size of a thing */
	size_t count;
	size_t size;
	unsigned shares; /* kinds with the same namespace */
};

#define ROW(text, array, number, type, kinds)                                     \
	{                                                                         \
		.word = (text), .items = offsetof(struct topology, array),        \
		.count = offsetof(struct topology, number), .size = sizeof(type), \
		.shares = (kinds),                                                \
	}
#define NETWORK (INDEX_BIT(INDEX_VLANS) | INDEX_BIT(INDEX_HOSTS) | INDEX_BIT(INDEX_SETS))
#define WANTED  (INDEX_BIT(INDEX_TUNNELS) | INDEX_BIT(INDEX_GROUPS))

static const struct row rows[INDEX_KINDS] = {
	[INDEX_VLANS] = ROW("VLAN", vlans, vlan_count, struct vlan, NETWORK),
	[INDEX_HOSTS] = ROW("host", hosts, host_count, struct host, NETWORK),
	[INDEX_SETS] = ROW("set", sets, set_count, struct set, NETWORK),
	[INDEX_TUNNELS] = ROW("tunnel", tunnels, tunnel_count, struct tunnel, WANTED),
	[INDEX_GROUPS] = ROW("group", groups, group_count, struct group, WANTED),
	[INDEX_PLACES] = ROW("place", places, place_count, struct place, INDEX_BIT(INDEX_PLACES)),
};

#define BEGINS_AS_NAMED(type)                                                    \
	_Static_assert(offsetof(type, name) == 0 &&                              \
			       offsetof(type, at) == offsetof(struct named, at), \
		       "it does not begin as struct named does")

BEGINS_AS_NAMED(struct vlan);
BEGINS_AS_NAMED(struct host);
BEGINS_AS_NAMED(struct set);
BEGINS_AS_NAMED(struct tunnel);
BEGINS_AS_NAMED(struct group);
BEGINS_AS_NAMED(struct place);

/* The arrays have pointers of different types: they are copied, so as not to be aliased. */
static const unsigned char *pointer_at(const void *object, size_t offset)
{
	const unsigned char *pointer;

	memcpy(&pointer, (const unsigned char *)object + offset, sizeof(pointer));
	return pointer;
}

static size_t number_at(const void *object, size_t offset)
{
	size_t number;

	memcpy(&number, (const unsigned char *)object + offset, sizeof(number));
	return number;
}

void index_make_array(struct topology *topology, enum index_kind kind, size_t count,
		      struct arena *arena)
{
	const struct row *row = &rows[kind];
	unsigned char *items = arena_array(arena, count, row->size);

	memcpy((unsigned char *)topology + row->items, &items, sizeof(items));
	memcpy((unsigned char *)topology + row->count, &count, sizeof(count));
}

void index_name(struct topology *topology, enum index_kind kind, size_t index, struct named name)
{
	unsigned char *items;

	memcpy(&items, (unsigned char *)topology + rows[kind].items, sizeof(items));
	memcpy(items + index * rows[kind].size, &name, sizeof(name));
}

static void make_lookup(const struct topology *topology, enum index_kind kind, struct arena *arena,
			struct lookup *lookup)
{
	lookup_init(lookup, arena, index_count(topology, kind));
	for (size_t i = 0; i < index_count(topology, kind); i++)
		lookup_add(lookup, i, index_item(topology, kind, i)->name);
	lookup_sort(lookup);
}

void index_create(struct topology *topology, struct arena *arena)
{
	struct topology_index *index = arena_alloc(arena, sizeof(*index));

	topology->index = index;
	for (enum index_kind kind = 0; kind < INDEX_KINDS; kind++)
		make_lookup(topology, kind, arena, &index->lookups[kind]);
}

void index_renew(struct topology *topology, enum index_kind kind, struct arena *arena)
{
	struct topology_index *index = arena_alloc(arena, sizeof(*index));

	*index = *topology->index;
	make_lookup(topology, kind, arena, &index->lookups[kind]);
	topology->index = index;
}

const char *index_word(enum index_kind kind)
{
	return rows[kind].word;
}

size_t index_count(const struct topology *topology, enum index_kind kind)
{
	return number_at(topology, rows[kind].count);
}

const struct named *index_item(const struct topology *topology, enum index_kind kind, size_t index)
{
	const struct row *row = &rows[kind];

	return (const void *)(pointer_at(topology, row->items) + index * row->size);
}

size_t index_find(const struct topology *topology, enum index_kind kind, const char *name)
{
	const size_t index = lookup_find(&topology->index->lookups[kind], name);

	return index == LOOKUP_NONE ? TOPOLOGY_NONE : index;
}

bool index_repeats(const struct topology *topology, enum index_kind kind)
{
	return topology->index->lookups[kind].repeats;
}

void index_offer(const struct topology *topology, enum index_kind kind, struct suggest *suggest)
{
	for (size_t i = 0; i < index_count(topology, kind); i++)
		suggest_offer(suggest, index_item(topology, kind, i)->name, i);
}

unsigned index_namespace(enum index_kind kind)
{
	return rows[kind].shares;
}
