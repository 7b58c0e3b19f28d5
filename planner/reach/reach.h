/*
 * Reach: can a host open a connection to a port of another host, and how?
 *
 * The lowest part of the planner: everything that dials (a hop, a forward's egress) asks here, and
 * nothing else decides by the reachability rules. Answers are values whose pointers lead into the
 * topology. Rules 1 to 8 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_REACH_REACH_H
#define TUNPLAN_PLANNER_REACH_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/model/plan.h"
#include "planner/reach/network_index.h"

/* Who dials on the source host: any process there, or its sshd for an ssh client (rule 7). */
enum reach_by { REACH_PROCESS, REACH_SSHD };

/* A set of reasons is a number. */
#define REASON_BIT(reason) (1u << (reason))

/* What a connection is to be opened to. */
struct reach_to {
	size_t host;                   /* TOPOLOGY_NONE with outside */
	size_t vlan;                   /* only on this VLAN; TOPOLOGY_NONE: on any */
	const struct address *only;    /* only at this one of the host's addresses; NULL: at any */
	uint16_t port;                 /* TCP */
	const struct address *outside; /* an address that is no host of the file, or NULL */
	size_t outside_vlan;           /* with outside: reach_locate() */
	const struct ssh_option *family; /* AddressFamily of the ssh that dials, or NULL: any */
	bool own;                        /* outside is of loopback: that of the host that dials */
	const struct service *service;   /* says where it listens; NULL: on every address */
	const struct publication *published; /* where else it can be reached */
	size_t published_count;
	const size_t *avoid_vlans; /* no connection crosses these */
	size_t avoid_vlan_count;
};

/* How a connection is opened, or why it cannot be. */
struct reach {
	bool open;
	bool assumed;            /* open only because the file knows nothing of the address */
	enum plan_reason reason; /* when not open: the first thing that stands in the way */
	unsigned obstacles;      /* REASON_BIT()s of all that do */
	unsigned passed;         /* how many checks it passed before: the more, the nearer */
	struct span at;          /* the rule that decided, or the setting; or no place */
	const struct rule *rule; /* the rule that decided, or NULL */
	size_t from_vlan;        /* the source's interface; TOPOLOGY_NONE: it crosses none */
	uint8_t from_trust;      /* of the least trusted VLAN by which it may leave (rule 1) */
	size_t vlan;             /* the destination's; TOPOLOGY_NONE: none, or not of the file */
	const struct address
		*source; /* the address that it leaves from; NULL: the file gives none */
	const struct address *target; /* the address that it leads to; NULL: the host's name */
	const char *address;          /* what is dialled; NULL: there is nothing to try */
	uint16_t port;
	bool left_out; /* it is an address that AddressFamily of the ssh that dials leaves out */
	bool by_name;  /* address is a name, which the source looks up */
	const struct publication *published; /* by which it is reached, or NULL: its own address */
	unsigned settings; /* bits of enum sshd_keyword, by which the source's sshd refuses */
};

/*
 * Tries every connection from a host to a destination. Returns the best possible one, else the one
 * that came nearest to being possible.
 */
struct reach reach_try(const struct network_index *network_index, size_t from, enum reach_by by,
		       const struct reach_to *to);

/* Calls visit for every connection, possible or not, each once. */
void reach_each(const struct network_index *network_index, size_t from, enum reach_by by,
		const struct reach_to *to, void (*visit)(void *context, const struct reach *reach),
		void *context);

/* VLANs, in an arena. */
struct reach_vlans {
	const size_t *items;
	size_t count;
};

/*
 * Returns the VLANs by which a connection to that address (struct reach; NULL: any) may leave the source: which one a routed
 * connection takes, the file does not say (rule 1). In arena, by their names; none for one that crosses none.
 */
struct reach_vlans reach_leaving(const struct network_index *network_index, size_t from,
				 enum reach_by by, const struct reach_to *to, size_t vlan,
				 const char *address, struct arena *arena);

/* Returns the trust of a VLAN; TRUST_NONE outside the file (TOPOLOGY_NONE). */
static inline uint8_t reach_vlan_trust(const struct topology *topology, size_t vlan)
{
	return vlan == TOPOLOGY_NONE ? TRUST_NONE : topology->vlans[vlan].trust;
}

/* More than any VLAN is trusted: nobody on the way can read it. */
#define REACH_PRIVATE (TRUST_HIGH + 1)

/*
 * Returns the trust of the least trusted VLAN that a connection may cross; TRUST_NONE outside the file;
 * REACH_PRIVATE of one that stays inside a VLAN that encrypts by itself. What leads to a publication goes on
 * behind it.
 */
uint8_t reach_trust(const struct topology *topology, const struct reach *reach);

/* Whether a is better than b if both are possible (rule 4). */
bool reach_prefers(const struct topology *topology, const struct reach *a, const struct reach *b);

/* Returns the VLAN in whose range an address lies (rule 5), or TOPOLOGY_NONE. */
size_t reach_locate(const struct topology *topology, const struct address *address);

/*
 * Returns the interface of a host after `before` (NULL: the first), or NULL: a walk in the order of
 * the VLANs' names, so that the order of the file does not matter.
 */
const struct interface *reach_next_interface(const struct topology *topology,
					     const struct host *host,
					     const struct interface *before);

/* Returns a host's sshd as a destination, whether or not the host has one. */
struct reach_to reach_to_sshd(const struct topology *topology, size_t host);

/*
 * Returns why a connection is impossible, to follow "cannot reach X: ", with the deciding rule's
 * `id` and `reason`; from is the host that tried.
 */
const char *reach_why(const struct reach *reach, const struct host *from, struct arena *arena);

#endif
