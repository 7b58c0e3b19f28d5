/*
 * Places: which of its places me is at, and the topology as seen from there.
 *
 * Pure: the facts about this machine come in as struct place_facts, gathered by
 * exec/place/place_facts.h. Everyone who plans calls topology_at() first; after that, nobody knows
 * that some interfaces of me exist only at these places.
 *
 *     topology.places + facts, or names -> struct whereabouts -> topology_at() -> planner, lab
 *
 * Places belong to the host that `me:` in the file names (places_apply()).
 */
#ifndef TUNPLAN_TOPOLOGY_MODEL_PLACES_H
#define TUNPLAN_TOPOLOGY_MODEL_PLACES_H

#include "topology/model/topology.h"

/* A set of facts is a number. */
#define PLACE_BIT(fact) (1u << (fact))
#define PLACE_ALL_FACTS (PLACE_BIT(PLACE_FACTS) - 1)

/* A router to which a default route leads. */
struct place_router {
	struct address address; /* numeric */
	uint8_t mac[6];
	bool mac_known; /* else mac is unset: nobody has spoken to it yet */
};

/* What is known of this machine. The arrays and their texts are the gatherer's. */
struct place_facts {
	struct address *addresses; /* of its interfaces */
	size_t address_count;
	struct place_router *routers;
	size_t router_count;
	struct address *resolvers; /* the addresses that it asks for names */
	size_t resolver_count;
	const char **domains; /* in which it searches names, without a dot at the end */
	size_t domain_count;
	const char **answers; /* texts of the PLACE_TCP signs that answered */
	size_t answer_count;
	unsigned unknown; /* PLACE_BIT()s of what could not be found out: nothing of it is above */
};

/* How it is known at which places me is. */
enum whereabouts_how {
	WHEREABOUTS_UNASKED,    /* it is not: the file has no places, or they are another host's */
	WHEREABOUTS_SAID,       /* the user says so */
	WHEREABOUTS_RECOGNISED, /* their signs are found */
	WHEREABOUTS_FALLBACK,   /* those without signs, if there are any: no other is recognised */
};

/* Where me is. A zeroed one: nobody asked. */
struct whereabouts {
	enum whereabouts_how how;
	size_t *places; /* indexes into topology.places, each once */
	size_t count;   /* 0 also when me is at no place */
};

/* Returns whether it is a question where a host is: there are places, and they are its own. */
bool places_apply(const struct topology *topology, size_t host);

/* Returns the PLACE_BIT()s of the facts by which any place is recognised. */
unsigned places_facts(const struct topology *topology);

/*
 * Returns whether, of the facts in a set of PLACE_BIT()s, each that the place has signs of has one
 * of them found.
 */
bool place_fits(const struct place *place, const struct place_facts *facts, unsigned considered);

/* Returns whether a place has signs and is recognised by them. */
bool place_recognised(const struct place *place, const struct place_facts *facts);

/*
 * Finds the places that are recognised, in the file's order; when there are none, those without
 * signs. The array is in arena.
 */
struct whereabouts places_recognise(const struct topology *topology,
				    const struct place_facts *facts, struct arena *arena);

/*
 * Finds the places of these names, in their order and each once (the array is in arena). Returns
 * false and sets *ret_unknown to the first name that no place has.
 */
bool places_named(const struct topology *topology, const char *const *names, size_t name_count,
		  struct arena *arena, struct whereabouts *ret_where, const char **ret_unknown);

/*
 * Returns the names of the places, "at-office, vpn", with what is to stand between them; "" without
 * any. In arena.
 */
const char *whereabouts_names(const struct topology *topology, const struct whereabouts *where,
			      const char *between, struct arena *arena);

/*
 * Returns the topology as it is when the host `me` is at these places: it has their interfaces, too,
 * and on a VLAN where it is already, their addresses. All else is shared with the topology, which
 * must outlive the result (in arena). What is to be sent, compared or shown as the file's is the
 * text of the topology itself: in that of the result the interfaces would stand twice, as the
 * places' and as the host's own.
 */
const struct topology *topology_at(const struct topology *topology, size_t me,
				   const struct whereabouts *where, struct arena *arena);

#endif
