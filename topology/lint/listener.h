/*
 * Listener: where something listens, and whether two listeners collide.
 *
 * Made from the ingress of a forward, or from a publication on a host. Sorting by
 * listener_compare() puts listeners that may collide next to each other.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_LISTENER_H
#define TUNPLAN_TOPOLOGY_LINT_LISTENER_H

#include "topology/lint/vlan_members.h"

struct listener {
	size_t host;      /* or TOPOLOGY_ME, when nothing says which that is */
	const char *path; /* a unix socket, or NULL */
	uint16_t port;    /* 0 with path */
	uint8_t family; /* enum address_family; ADDRESS_NAME: the file does not give the address */
	uint8_t bytes[16]; /* of the address; all zero: every address of the family */
	size_t vlan;       /* ADDRESS_NAME: where it is; else TOPOLOGY_NONE */
	struct span at;    /* where the file says so */
};

/* Makes the listener of an ingress that is not `auto`. */
struct listener listener_of_ingress(const struct vlan_members *vlan_members,
				    const struct ingress *ingress);

/*
 * Makes the listener that a publication on a host speaks of. A name that is not "localhost" is an
 * address that the file does not give.
 */
struct listener listener_of_publication(const struct publication *publication);

/* Returns the host that an index means, TOPOLOGY_ME included where the file says which that is. */
size_t listener_host(const struct topology *topology, size_t host);

/* Orders by host, then by path or port: returns 0 if only the addresses can differ. */
int listener_compare(const struct listener *a, const struct listener *b);

/* For qsort(): orders structs that begin with a listener, likewise and then by their places in the file. */
int listener_order(const void *left, const void *right);

/* Whether it listens on every address of its family. */
bool listener_is_wildcard(const struct listener *listener);

/* Whether only the machine itself can connect to it. */
bool listener_is_local(const struct listener *listener);

/* Whether two that compare as 0 cannot both listen: every address has each address in it. */
bool listener_meets(const struct listener *a, const struct listener *b);

#endif
