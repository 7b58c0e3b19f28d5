/*
 * Network index: a topology indexed for the planner: which hosts are on a VLAN, which are published
 * where, which rule decides.
 *
 * Made once for a topology and used for any number of plans. There is no graph of hosts: the search
 * derives edges as it goes. The few facts that are asked of every host are packed in one array.
 * Lives in an arena; the topology must outlive it.
 */
#ifndef TUNPLAN_PLANNER_REACH_NETWORK_INDEX_H
#define TUNPLAN_PLANNER_REACH_NETWORK_INDEX_H

#include "planner/reach/ranges.h"
#include "planner/reach/rule_index.h"
#include "topology/base/id_lists.h"

/* Facts about a host. Bits. */
enum host_trait {
	TRAIT_NO_SSH = 1,       /* `ssh: none` */
	TRAIT_NO_JUMP = 2,      /* `jump: no` */
	TRAIT_AVOID = 4,        /* `jump: avoid` */
	TRAIT_PERMITS = 8,      /* `PermitOpen` lists what its sshd dials */
	TRAIT_INTERACTIVE = 16, /* `interactive: yes` */
	TRAIT_NO_FORWARD = 32,  /* its sshd dials nothing */
	TRAIT_RELAYS = 64,      /* it has a program that can relay */
	TRAIT_PUBLISHED = 128,  /* its sshd is published somewhere */
	TRAIT_ASSUMED = 256,    /* the file does not state its `ssh` */
};

/* The facts about a host that a search asks of many hosts, close together in memory. */
struct indexed_host {
	uint16_t port;   /* of its sshd; 0: published, so there are several */
	uint16_t traits; /* bits of enum host_trait */
	uint8_t trust;   /* enum trust */
};

/* Lowest and highest address of a family on a VLAN, by the first 64 bits. */
struct address_bounds {
	bool any;
	uint64_t low;
	uint64_t high;
};

struct network_index {
	const struct topology *topology;
	struct rule_index rules;
	struct id_lists members;  /* hosts by VLAN: with an interface there, or published there */
	struct id_lists vlans_of; /* VLANs by host: the same the other way round */
	struct id_lists published_on; /* hosts by host: those whose sshd is published on it */
	struct indexed_host *hosts;   /* by host */
	struct ranges ranges;         /* hosts by address */
	struct address_bounds *bounds[ADDRESS_IPV6 + 1]; /* by family and VLAN */
	bool odd_ports; /* some sshd is reached at a port other than 22 */
};

/* What is called with a host; context is the caller's. */
typedef void host_visit(void *context, size_t host);

/* Makes the network_index of a topology. */
void network_index_init(struct network_index *network_index, const struct topology *topology,
			struct arena *arena);

/* Calls visit for each host that is on a VLAN, or published there. */
void network_index_visit_vlan(const struct network_index *network_index, size_t vlan,
			      host_visit *visit, void *context);

/*
 * Calls visit for each host that an end of a rule may match, for some more than once. Returns true,
 * and calls nothing, if the end matches every host.
 */
bool network_index_visit_end(const struct network_index *network_index, const struct rule_end *end,
			     host_visit *visit, void *context);

#endif
