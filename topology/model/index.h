/*
 * Index: finds hosts, VLANs, tunnels and all other things by name, and suggests a name for a typo.
 *
 * Each kind of thing is a row of one table. Validation makes the index as soon as all names are
 * known; topology.c answers from it.
 */
#ifndef TUNPLAN_TOPOLOGY_MODEL_INDEX_H
#define TUNPLAN_TOPOLOGY_MODEL_INDEX_H

#include "topology/base/lookup.h"
#include "topology/diag/suggest.h"
#include "topology/model/topology.h"

/* In this order the first of two with the same name counts as the first defined. */
enum index_kind {
	INDEX_VLANS,
	INDEX_HOSTS,
	INDEX_SETS,
	INDEX_TUNNELS,
	INDEX_GROUPS,
	INDEX_PLACES,
	INDEX_KINDS,
};

/* A set of kinds is a number. */
#define INDEX_BIT(kind) (1u << (kind))

/* What everything that has a name begins with. */
struct named {
	const char *name;
	struct span at;
};

struct topology_index {
	struct lookup lookups[INDEX_KINDS];
};

/* Makes the array of a kind (in arena): count things, all zero. */
void index_make_array(struct topology *topology, enum index_kind kind, size_t count,
		      struct arena *arena);

/* Gives thing number index of a kind its name and the place where the file has it. */
void index_name(struct topology *topology, enum index_kind kind, size_t index, struct named name);

/* Makes the index (in arena) when all arrays are there and everything in them has its name. */
void index_create(struct topology *topology, struct arena *arena);

/* Makes the index of one kind again (in arena), when things of it have gone. */
void index_renew(struct topology *topology, enum index_kind kind, struct arena *arena);

/* Returns "host", "VLAN" and so on. */
const char *index_word(enum index_kind kind);

/* Returns how many things of a kind there are, and thing number index. */
size_t index_count(const struct topology *topology, enum index_kind kind);
const struct named *index_item(const struct topology *topology, enum index_kind kind, size_t index);

/* Returns the index of the first thing of a kind that has the name, or TOPOLOGY_NONE. */
size_t index_find(const struct topology *topology, enum index_kind kind, const char *name);

/* Whether some name of a kind is there more than once. */
bool index_repeats(const struct topology *topology, enum index_kind kind);

/* Offers the names of a kind, in the files' order, with their indexes. */
void index_offer(const struct topology *topology, enum index_kind kind, struct suggest *suggest);

/* Returns the kinds that a kind shares its names with: no two things of them have the same. */
unsigned index_namespace(enum index_kind kind);

#endif
