/*
 * Reach: may a connection from one host to a port of another be opened, and over which VLAN?
 *
 * The lowest part of the planner: everything that dials (a hop, a forward's egress) asks here, and
 * nothing else reads the reachability rules. The answers are values; their pointers lead into the
 * topology.
 *
 * Planner rules:
 *   1. A connection is (source interface, destination interface, dialled address, port). To a VLAN
 *      on which the source is itself, it goes out on that VLAN; else it is routed, from any of the
 *      source's interfaces.
 *   2. The topology's rules are tried in order and the first that matches decides. Where none does,
 *      one VLAN is allowed and a routed connection denied.
 *   3. The first address of the destination's interface that has a family in common with the
 *      source's, and that the source's sshd permits where it dials for its client, is dialled; where
 *      the file gives none, or none is permitted, the host's own name. A service is dialled only
 *      where it listens. On the host itself loopback is dialled, else the host's own addresses.
 *   4. Of several open ways, one over a shared VLAN goes before a routed one, one with an address
 *      before one by name, and then the VLANs' names decide, bytewise.
 *   5. An address that is no host of the file counts as being on the VLAN whose range holds it. One
 *      in no range is assumed to be reachable unless a rule denies it.
 */
#ifndef TUNPLAN_PLANNER_REACH_H
#define TUNPLAN_PLANNER_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/plan.h"

/* What a connection is to be opened to. */
struct reach_to {
	size_t host;                   /* TOPOLOGY_NONE with outside */
	size_t vlan;                   /* only on this VLAN; TOPOLOGY_NONE: on any */
	uint16_t port;                 /* TCP */
	const struct address *outside; /* an address that is no host of the file, or NULL */
	const struct service *service; /* says where it listens; NULL: on every address */
	bool by_sshd; /* the source's sshd dials for its client (AllowTcpForwarding, PermitOpen) */
	const struct tunnel_options *options; /* which VLANs it avoids; NULL: none */
};

/* How the connection is opened, or why it is not. */
struct reach {
	bool open;
	bool assumed;            /* open only because the file knows nothing of the address */
	enum plan_reason reason; /* when not open */
	struct span at;          /* the rule that decided, or the setting; or no place */
	const struct rule *rule; /* the rule that decided, or NULL */
	size_t from_vlan;        /* the source's interface; TOPOLOGY_NONE: the host has none */
	size_t vlan;             /* the destination's; TOPOLOGY_NONE: not of the file */
	bool by_name;            /* address is a name, which the dialling host looks up */
	const char *address;     /* what is dialled */
};

/*
 * Tries every way from a host to a destination, and returns the best open one, else the closed one
 * that came nearest to being open.
 */
struct reach reach_try(const struct topology *topology, size_t from, const struct reach_to *to);

/*
 * The same for the sshd of another host: may `from` dial it, itself or (by_sshd) for its client?
 * Whether there is one is not asked.
 */
struct reach reach_sshd(const struct topology *topology, size_t from, size_t host, bool by_sshd,
			const struct tunnel_options *options);

/*
 * Returns why a reach is closed, to stand after "cannot reach X: "; from is the host that tried. With
 * the id and the reason that the rule's owner gave it.
 */
const char *reach_why(const struct reach *reach, const struct host *from, struct arena *arena);

#endif
