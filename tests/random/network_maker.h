/*
 * Random networks, as the text of a topology: small ones, which now and then set everything that
 * the planner looks at; about half of the tunnels have a path. Each thing is on a line of its own,
 * so that shrink.h can remove whatever a failure does not need.
 */
#ifndef TUNPLAN_TESTS_RANDOM_NETWORK_MAKER_H
#define TUNPLAN_TESTS_RANDOM_NETWORK_MAKER_H

#include "tests/random/dice.h"
#include "topology/base/strbuf.h"

#define MAKER_HOSTS 8
#define MAKER_VLANS 4

/* A network being made. Host 0 is me. */
struct maker {
	struct dice dice;
	struct strbuf *text;
	unsigned host_count;
	unsigned vlan_count;
	unsigned families[MAKER_VLANS]; /* bits: 1 IPv4, 2 IPv6 */
	unsigned on[MAKER_HOSTS];       /* bits: the VLANs that a host is on */
	bool none[MAKER_HOSTS];         /* it has no sshd */
	bool socket[MAKER_HOSTS];       /* it has a service on a socket */
	bool web[MAKER_HOSTS];          /* and one on a port */
	bool hops;                      /* there is a set of hosts of this name */
	unsigned sshd, keys, relay;     /* percent of the hosts that state them */
	unsigned stitched;              /* percent of the tunnels */
	bool crowded;                   /* few VLANs, and most hosts on most of them */
	unsigned tunnel_count;
	unsigned forwards; /* at most, of each tunnel */
	unsigned listeners;
};

/* Returns a host's name. */
const char *maker_host(unsigned host);

/* Returns a VLAN's name. */
const char *maker_vlan(unsigned vlan);

/* Returns a host that is not me. */
unsigned maker_any_host(struct maker *maker);

/* Returns a host that is not me and has an sshd; the last one, where dice do not find any. */
unsigned maker_hop(struct maker *maker);

/* Returns a VLAN that a host is on. */
unsigned maker_vlan_of(struct maker *maker, unsigned host);

/* Returns one of several words. */
#define maker_pick(maker, ...)                      \
	((const char *const[]){__VA_ARGS__})[lists( \
		&(maker)->dice, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))]

/* Appends an address that a host may have on a VLAN, of a family that there is. */
void maker_address(struct maker *maker, unsigned host, unsigned vlan, bool brackets);

/* Appends the VLANs, of families at random. */
void maker_vlans(struct maker *maker);

/* Which VLANs each host is on. */
void maker_spread(struct maker *maker);

/* Appends a host and all that is said of it. */
void maker_host_block(struct maker *maker, unsigned host);

#endif
