/*
 * VLAN members: which hosts are on which VLAN, including the VLANs that me has at its places.
 *
 * An index of a topology for the lints, made once, in the caller's arena. If the file does not say
 * which host is me, its places may be any host's: then these members have no host, and every host
 * may have their interfaces.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_VLAN_MEMBERS_H
#define TUNPLAN_TOPOLOGY_LINT_VLAN_MEMBERS_H

#include "topology/model/topology.h"

/* One interface of one host. */
struct member {
	size_t host; /* TOPOLOGY_NONE: whichever host this machine is */
	const struct interface *interface;
	size_t place; /* it is there at this place only; TOPOLOGY_NONE: always */
};

/* Members by VLAN; in each the hosts in the file's order, then the places. */
struct member_list {
	struct member *items;
	size_t *first; /* per VLAN, where its members start, and behind the last */
};

struct vlan_members {
	const struct topology *topology;
	struct member_list all;
	struct member_list multihomed; /* those whose host has another interface, too */
	struct member *at_places;      /* what all places have */
	size_t at_place_count;
};

/* Indexes a topology. */
void vlan_members_init(struct vlan_members *vlan_members, const struct topology *topology,
		       struct arena *arena);

/* Returns the members of a list that are on a VLAN. */
const struct member *vlan_members_on(const struct member_list *list, size_t vlan,
				     size_t *ret_count);

/* Whether a host may be the one that the places are about. */
bool vlan_members_moves(const struct vlan_members *vlan_members, size_t host);

/*
 * A walk over the interfaces of a host: its own, then those that it may have at places. One that is
 * certain leaves the latter out where nothing says whose the places are.
 */
struct vlan_members_walk {
	const struct vlan_members *vlan_members;
	size_t host;
	bool certain;
	size_t next;
};

/* Gives the next of them; false at the end. */
bool vlan_members_next(struct vlan_members_walk *walk, struct member *ret_member);

/* Whether a host can have both interfaces at a time: they are not of two places. */
bool vlan_members_together(const struct member *a, const struct member *b);

#endif
