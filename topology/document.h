/*
 * Document: a topology as it is written, parsed and not validated.
 *
 * Strings are taken apart, numbers are numbers, but names are still words with their places:
 * nobody has looked yet whether what they name exists. A part that could not be read is left out
 * and its owner marked `broken`, so that validate.h does not report what follows from it.
 *
 *     bytes -> yaml.h (spanned tree) -> document.h (parsed) -> topology.h (validated)
 */
#ifndef TUNPLAN_TOPOLOGY_DOCUMENT_H
#define TUNPLAN_TOPOLOGY_DOCUMENT_H

#include "topology/notation.h"
#include "topology/topology.h"
#include "topology/yaml.h"

/* A name as it is written. text is NULL where none was written. */
struct word {
	const char *text;
	struct span at;
};

struct doc_vlan {
	struct word name;
	struct cidr *cidrs;
	size_t cidr_count;
};

struct doc_address {
	struct address address;
	struct span at;
};

/* A VLAN that a host names, and its addresses there. */
struct doc_interface {
	struct word vlan;
	struct doc_address *addresses;
	size_t address_count;
};

struct doc_host {
	struct word name;
	struct doc_interface *interfaces;
	size_t interface_count;
	struct ssh_login ssh;
	struct service *services;
	size_t service_count;
	bool broken; /* some VLAN or service that the file may give it is missing here */
};

struct doc_rule {
	bool allow;
	const struct yaml_node *string; /* the parts of rule are places in it */
	struct notation_rule rule;
};

struct doc_forward {
	const struct yaml_node *ingress_string; /* the parts of ingress are places in it */
	const struct yaml_node *egress_string;  /* in the short form the same node */
	struct notation_ingress ingress;
	struct notation_egress egress;
};

struct doc_tunnel {
	struct word name;
	struct doc_forward *forwards;
	size_t forward_count;
	struct word *via;
	size_t via_count;
	struct word exit;
	bool broken; /* some forward, waypoint or exit of it could not be read */
};

struct doc_group {
	struct word name;
	struct word *members; /* names of tunnels and groups, and patterns with * and ? */
	size_t member_count;
	bool broken; /* some member of it could not be read */
};

struct document {
	struct word me;
	struct doc_vlan *vlans;
	size_t vlan_count;
	struct doc_host *hosts;
	size_t host_count;
	struct doc_rule *rules;
	size_t rule_count;
	struct doc_tunnel *tunnels;
	size_t tunnel_count;
	struct doc_group *groups;
	size_t group_count;
	/*
	 * Some of them are missing here that the file may have: an unknown name is no error then.
	 */
	bool vlans_broken;
	bool hosts_broken;
	bool tunnels_broken;
};

/* Returns a part of a string (scalar) as a word with its place in the file. */
struct word document_word(const struct yaml_node *scalar, const struct part *part);

#endif
