#include "topology/index.h"

#include <string.h>

/* Where the things of a kind are in a topology and in a document. */
struct row {
	const char *word;
	size_t items; /* offsets in struct topology, and the size of a thing */
	size_t count;
	size_t size;
	size_t doc_items; /* the same of struct document */
	size_t doc_count;
	size_t doc_size;
	unsigned shares; /* kinds with the same namespace */
};

#define ROW(text, array, number, type, doc_type, kinds)                                       \
	{                                                                                     \
		.word = (text), .items = offsetof(struct topology, array),                    \
		.count = offsetof(struct topology, number), .size = sizeof(type),             \
		.doc_items = offsetof(struct document, array),                                \
		.doc_count = offsetof(struct document, number), .doc_size = sizeof(doc_type), \
		.shares = (kinds),                                                            \
	}
#define NETWORK (INDEX_BIT(INDEX_VLANS) | INDEX_BIT(INDEX_HOSTS) | INDEX_BIT(INDEX_SETS))
#define WANTED  (INDEX_BIT(INDEX_TUNNELS) | INDEX_BIT(INDEX_GROUPS))

static const struct row rows[INDEX_KINDS] = {
	[INDEX_VLANS] = ROW("VLAN", vlans, vlan_count, struct vlan, struct doc_vlan, NETWORK),
	[INDEX_HOSTS] = ROW("host", hosts, host_count, struct host, struct doc_host, NETWORK),
	[INDEX_SETS] = ROW("set", sets, set_count, struct set, struct doc_set, NETWORK),
	[INDEX_TUNNELS] =
		ROW("tunnel", tunnels, tunnel_count, struct tunnel, struct doc_tunnel, WANTED),
	[INDEX_GROUPS] = ROW("group", groups, group_count, struct group, struct doc_group, WANTED),
	[INDEX_PLACES] = ROW("place", places, place_count, struct place, struct doc_place,
			     INDEX_BIT(INDEX_PLACES)),
};

#define BEGINS_AS_NAMED(type)                                                    \
	_Static_assert(offsetof(type, name) == 0 &&                              \
			       offsetof(type, at) == offsetof(struct named, at), \
		       "it does not begin as struct named does")
#define BEGINS_WITH_WORD(type) \
	_Static_assert(offsetof(type, name) == 0, "it does not begin with its name")

BEGINS_AS_NAMED(struct vlan);
BEGINS_AS_NAMED(struct host);
BEGINS_AS_NAMED(struct set);
BEGINS_AS_NAMED(struct tunnel);
BEGINS_AS_NAMED(struct group);
BEGINS_AS_NAMED(struct place);
BEGINS_WITH_WORD(struct doc_vlan);
BEGINS_WITH_WORD(struct doc_host);
BEGINS_WITH_WORD(struct doc_set);
BEGINS_WITH_WORD(struct doc_tunnel);
BEGINS_WITH_WORD(struct doc_group);
BEGINS_WITH_WORD(struct doc_place);

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

static void declare(struct topology *topology, const struct document *document,
		    const struct row *row, struct arena *arena)
{
	const size_t count = number_at(document, row->doc_count);
	const unsigned char *from = pointer_at(document, row->doc_items);
	unsigned char *items = arena_array(arena, count, row->size);

	for (size_t i = 0; i < count; i++) {
		struct word word;

		memcpy(&word, from + i * row->doc_size, sizeof(word));
		memcpy(items + i * row->size, &(struct named){word.text, word.at},
		       sizeof(struct named));
	}
	memcpy((unsigned char *)topology + row->items, &items, sizeof(items));
	memcpy((unsigned char *)topology + row->count, &count, sizeof(count));
}

void index_create(struct topology *topology, const struct document *document, struct arena *arena)
{
	struct topology_index *index = arena_alloc(arena, sizeof(*index));

	topology->index = index;
	for (enum index_kind kind = 0; kind < INDEX_KINDS; kind++) {
		struct lookup *lookup = &index->lookups[kind];

		declare(topology, document, &rows[kind], arena);
		lookup_init(lookup, arena, index_count(topology, kind));
		for (size_t i = 0; i < index_count(topology, kind); i++)
			lookup_add(lookup, i, index_item(topology, kind, i)->name);
		lookup_sort(lookup);
	}
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
