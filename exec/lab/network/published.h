/*
 * Published: sshds and services that are reached at addresses of others (`at`), and where these
 * addresses are in the lab.
 *
 * Pure. What is published on a VLAN listens on the host that has the address; if no host has it,
 * the router gets it, like a router with NAT. What is published on a host listens there, like a
 * forward that the published host's ssh -R holds open. relay.h makes the listeners and carries the
 * bytes.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_PUBLISHED_H
#define TUNPLAN_EXEC_LAB_NETWORK_PUBLISHED_H

#include "exec/lab/network/listen.h"

struct lab_published {
	size_t host;                   /* whose it is */
	const struct service *service; /* NULL: its sshd */
	const struct publication *at;
	size_t owner;             /* index of the node on which it listens */
	struct lab_listen listen; /* where, on the owner */
	struct lab_listen target; /* where it leads, on the host itself */
};

/* Whether anything is published on a VLAN, which takes a router. */
bool lab_published_on_vlans(const struct topology *topology);

/* Whether something is published at that address of a VLAN. */
bool lab_published_at(const struct topology *topology, size_t vlan, const struct address *address);

/*
 * Finds all that is published, once the nodes have their addresses; the router gets those that nobody has.
 * What it makes is in arena.
 */
void lab_published_find(struct lab_network *network, struct arena *arena);

#endif
