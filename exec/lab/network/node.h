/*
 * Node: one host of the lab's network, or its router, with its interface (a leg) on each VLAN.
 *
 * Pure. The types that all parts of the network share, and questions about a single node; network.h
 * makes the nodes from a topology.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_NODE_H
#define TUNPLAN_EXEC_LAB_NETWORK_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/reach/reach.h"

/* Bytes of a network device's name with its NUL (Linux's IFNAMSIZ). */
#define LAB_DEVICE_SIZE 16

/* An address of a leg and the network that is reached through it directly. */
struct lab_address {
	struct address address; /* numeric */
	uint8_t prefix; /* bits of the on-link network; 32 or 128 when the file tells none */
	bool chosen;    /* the file gives none, so we did */
};

/* A node's presence on one VLAN: one end of a veth pair. */
struct lab_leg {
	size_t vlan;                   /* index into topology.vlans */
	uint8_t mac[6];                /* ours to choose; the router's are matched by the rules */
	struct lab_address *addresses; /* at least one */
	size_t address_count;
};

struct lab_route {
	struct address to;  /* the network's address; all zero with prefix 0 is the default route */
	uint8_t prefix;     /* bits */
	struct address via; /* the router's leg; text is NULL for what is on the link itself */
	size_t leg;         /* index into the node's legs */
	unsigned metric;    /* of several that lead to the same, the least is taken */
	uint16_t first_port; /* only connections to these ports take it; 0: all */
	uint16_t last_port;
};

struct lab_node {
	const char *name;
	size_t host; /* index into topology.hosts, or TOPOLOGY_NONE for the router */
	struct lab_leg *legs;
	size_t leg_count;
	struct lab_route *routes;
	size_t route_count;
};

struct lab_published;

struct lab_network {
	const struct topology *topology;
	struct network_index
		network_index;    /* the planner's, to know what a name is to mean (reach.h) */
	const struct rule *rules; /* the topology's, without sets (rules.h) */
	size_t rule_count;
	const char **devices;   /* per VLAN: the name of the bridge and of every leg on it */
	struct lab_node *nodes; /* one per host, in the file's order; then the router, if any */
	size_t node_count;
	const struct lab_node *router; /* the last node, or NULL */
	struct lab_published
		*published; /* what is reached elsewhere than where it is (published.h) */
	size_t published_count;
};

/* Returns the leg's first address of a family, from which it dials, or NULL. */
const struct address *lab_leg_address(const struct lab_leg *leg, enum address_family family);

/* Returns the node's leg on a VLAN, or NULL. */
const struct lab_leg *lab_node_leg(const struct lab_node *node, size_t vlan);

/*
 * Returns whether an end of a rule means this leg of this node. A host means all of its legs, a
 * range of addresses every leg that has one of them.
 */
bool lab_rule_end_covers(const struct rule_end *end, const struct lab_node *node,
			 const struct lab_leg *leg);

#endif
