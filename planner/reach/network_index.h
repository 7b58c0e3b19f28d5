/*
 * Network index: a topology as the planner looks things up in it: who is on a VLAN, who is published where,
 * and which rule decides.
 *
 * Made once for a topology and used for any number of plans; the graph of hosts itself is never
 * made, its edges are derived where a search goes. What is asked of all hosts stands close together here.
 * Lives in an arena; the topology must outlive it.
 */
#ifndef TUNPLAN_PLANNER_REACH_NETWORK_INDEX_H
#define TUNPLAN_PLANNER_REACH_NETWORK_INDEX_H

#include "planner/reach/ranges.h"
#include "planner/reach/rule_index.h"

/* Lists by a number: those of number n are items[first[n]] up to items[first[n + 1]]. */
struct id_lists {
	uint32_t *first;
	uint32_t *items;
};

/* What is true of a host. Bits. */
enum host_trait {
	TRAIT_NO_SSH = 1,       /* `ssh: none` */
	TRAIT_NO_JUMP = 2,      /* nothing goes on from it */
	TRAIT_AVOID = 4,        /* `jump: avoid` */
	TRAIT_PERMITS = 8,      /* its sshd dials what is in a list */
	TRAIT_INTERACTIVE = 16, /* a login asks a person */
	TRAIT_NO_FORWARD = 32,  /* its sshd dials nothing */
	TRAIT_RELAYS = 64,      /* it has a program that can relay */
	TRAIT_PUBLISHED = 128,  /* its sshd is published somewhere */
};

/* What is asked of many hosts that are anywhere in memory. */
struct indexed_host {
	uint16_t port;  /* its sshd's; 0: it is published, at ports of its own */
	uint8_t traits; /* bits of enum host_trait */
	uint8_t trust;  /* enum trust */
};

/* From where to where the addresses of a family lie on a VLAN, by their first 64 bits. */
struct address_bounds {
	bool any;
	uint64_t low;
	uint64_t high;
};

struct network_index {
	const struct topology *topology;
	struct rule_index rules;
	struct id_lists
		members; /* hosts by VLAN: who has an interface there or is published there */
	struct id_lists vlans_of;     /* VLANs by host: the same the other way round */
	struct id_lists published_on; /* hosts by host: whose sshd is published there */
	struct indexed_host *hosts;   /* by host */
	struct ranges ranges;         /* who has which address */
	struct address_bounds *bounds[ADDRESS_IPV6 + 1]; /* by family and VLAN */
	bool odd_ports; /* some sshd is reached at another port than 22 */
};

/* Makes the network_index of a topology. */
void network_index_init(struct network_index *network_index, const struct topology *topology,
			struct arena *arena);

/* Calls visit for each host that is on a VLAN, or published there. */
void network_index_visit_vlan(const struct network_index *network_index, size_t vlan,
			      void (*visit)(void *context, size_t host), void *context);

/*
 * Calls visit for each host that an end of a rule may stand for, some of them more than once. Returns
 * whether it stands for any host: visit is not called for those.
 */
bool network_index_visit_end(const struct network_index *network_index, const struct rule_end *end,
			     void (*visit)(void *context, size_t host), void *context);

/* Returns the items of a number, and how many they are. */
static inline const uint32_t *id_lists_of(const struct id_lists *lists, size_t number,
					  size_t *ret_count)
{
	*ret_count = lists->first[number + 1] - lists->first[number];
	return lists->items + lists->first[number];
}

#endif
