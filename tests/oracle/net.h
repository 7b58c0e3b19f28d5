/*
 * Oracle, the lowest part: can a connection be opened, and how? Written from rules 1 to 8 of
 * tunplan(7) and from nothing else: it tries everything with everything, slowly, and shares no code
 * with the planner that it judges.
 */
#ifndef TUNPLAN_TESTS_ORACLE_NET_H
#define TUNPLAN_TESTS_ORACLE_NET_H

#include "tests/oracle/sshd.h"

/* What is to be dialled. */
struct oracle_target {
	size_t host; /* TOPOLOGY_NONE: an address that is no host of the file */
	size_t vlan; /* only there; TOPOLOGY_NONE: anywhere */
	uint16_t port;
	const struct address *outside;
	bool own;                            /* outside is 127.0.0.0/8 or ::1 of whoever dials */
	const struct address *written;       /* of its host's addresses only this one; NULL: each */
	const struct service *service;       /* what listens; NULL: everywhere */
	const struct publication *published; /* where else it is */
	size_t published_count;
	const char *family;                   /* AddressFamily of the ssh that dials; NULL: any */
	const struct tunnel_options *options; /* VLANs to avoid */
};

struct oracle_dial {
	bool open;
	bool published, routed, by_name;
	const char *address;
	uint16_t port;
	size_t from_vlan, vlan; /* TOPOLOGY_NONE: it crosses none, or none of the file */
	uint8_t from_trust;     /* of the least trusted VLAN by which it may leave */
};

/* Returns a VLAN's name, "" for TOPOLOGY_NONE. */
/* More than any trust: of a connection inside a VLAN that encrypts by itself. */
#define ORACLE_PRIVATE 9

/* Returns the trust of the least trusted VLAN that a connection may cross, or ORACLE_PRIVATE. */
uint8_t oracle_trust(const struct topology *topology, const struct oracle_dial *dial);

const char *oracle_vlan_name(const struct topology *topology, size_t vlan);

/* Returns the best dial from a host, by its sshd or by a process on it; one that is not open, if there is none. */
struct oracle_dial oracle_dial(const struct topology *topology, size_t from, bool sshd,
			       const struct oracle_target *target);

#endif
