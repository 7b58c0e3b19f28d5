/*
 * Document: a topology as written: parsed, but not validated.
 *
 * Strings are split into their parts and numbers are numbers, but names are still words, each with
 * its place: nobody has checked that a thing of that name exists. A part that could not be read is
 * left out and its owner is marked `broken`, so that validate.h does not report errors that follow
 * from it. All files of a topology make one document.
 *
 *     bytes -> yaml.h (spanned tree) -> document.h (parsed) -> topology.h (validated)
 *
 * The document is freed once the topology is made. Its parts that need no validation (addresses,
 * logins, texts) are in the topology's arena already, and become parts of the topology as they are.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_DOCUMENT_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_DOCUMENT_H

#include "topology/language/text_range.h"
#include "topology/model/topology.h"

/* A name as it is written. text is NULL where none was written. */
struct word {
	const char *text;
	struct span at;
};

/* Several of them. */
struct word_list {
	struct word *items;
	size_t count;
};

/* The VLANs that a host names, and its addresses there. */
struct doc_interfaces {
	struct interface *items; /* the topology's to be; which VLAN each is on is still open */
	const char **vlans;      /* the name of that VLAN, whose place the item has */
	size_t count;
};

/* A login as it is written: what is not written is unset, and not its default. */
struct doc_login {
	struct ssh_login login;     /* port 0: not written */
	struct span interactive_at; /* no place: not written */
};

/* What `at` says of a host or of one of its services. */
struct doc_publication {
	struct word where;         /* a VLAN or a host */
	size_t service;            /* index into the host's, or TOPOLOGY_NONE: its sshd */
	struct publication values; /* without where */
};

/* A VLAN that stands in `listen`. */
struct doc_listen {
	size_t service;
	struct word vlan;
};

struct doc_key {
	struct word host;
	const char *user;
};

/* What few hosts have. */
struct doc_host_more {
	struct doc_publication *publications;
	size_t publication_count;
	struct doc_listen *listens; /* by service, in the file's order */
	size_t listen_count;
	struct doc_key *keys;
	size_t key_count;
	const struct sshd_settings *sshd;
	uint32_t cost;
	uint8_t relay;
};

/* An address of a host that is written as a range of them. */
struct ranged_address {
	const struct interface *interface;
	size_t address; /* of the interface */
	struct text_range range;
};

/* The hosts that one entry stands for (host_ranges.h). */
struct host_range {
	struct text_range names;
	struct ranged_address *addresses; /* one of each for each host */
	size_t address_count;
};

struct doc_host {
	struct word name;
	struct doc_interfaces interfaces;
	struct doc_login *ssh;      /* NULL: not stated */
	struct service *services;   /* without what is in more */
	struct doc_host_more *more; /* NULL: nothing */
	struct host_range *range;   /* NULL: it is one host */
	uint32_t service_count;
	uint8_t jump;
	uint8_t trust;
	bool no_prime;
	bool broken; /* some VLAN or service that the file may give it is missing here */
};

/* One end of a rule: only RULE_ANY and RULE_CIDR are certain. */
struct doc_end {
	enum rule_end_kind kind; /* RULE_HOST: a host, a VLAN or a set */
	struct word name;        /* the host, the VLAN or the set */
	struct word vlan;        /* RULE_HOST_AT_VLAN: behind the name of a host or a set */
	struct cidr cidr;        /* RULE_CIDR */
};

struct doc_set {
	struct word name;
	struct doc_end *ends;
	size_t end_count;
};

struct doc_rule {
	struct rule values; /* without its ends */
	struct doc_end from;
	struct doc_end to;
};

struct doc_ingress {
	struct word host;      /* absent: me */
	struct word vlan;      /* behind HOST@ */
	struct ingress values; /* without host and VLAN */
};

struct doc_egress {
	struct word host;
	struct word vlan;
	struct word service;
	/* Without these; EGRESS_PORT also for a NAME: only who knows the hosts can tell. */
	struct egress values;
};

struct doc_forward {
	struct doc_ingress ingress;
	struct doc_egress egress;
};

/* struct tunnel_options as it is written: what is not written is unset, and not its default. */
struct doc_tunnel_options {
	struct word_list avoid;
	struct tunnel_options values; /* without avoid */
	struct span hops_at;          /* the number of max_hops */
	/* Where keys stand; no place: one is not written. */
	struct limits_at limits_at;
	struct span probe_at;
	struct span on_demand_at;
	struct span failover_at;
};

struct doc_tunnel {
	struct word name;
	struct doc_forward *forwards;
	size_t forward_count;
	struct word_list via;
	struct word exit;
	struct joint *stitch;
	size_t stitch_count;
	struct span stitch_at;
	struct doc_tunnel_options options;
	bool broken; /* some forward, waypoint or exit of it could not be read */
};

struct doc_group {
	struct word name;
	struct word_list members; /* names of tunnels and groups, and patterns with * and ? */
	bool broken;              /* some member of it could not be read */
};

struct doc_place {
	struct word name;
	struct place_sign *signs;
	size_t sign_count;
	struct doc_interfaces interfaces;
};

struct doc_defaults {
	struct span at; /* no place: there are none */
	struct doc_login ssh;
	struct doc_tunnel_options tunnel;
};

struct document {
	struct word me;
	struct vlan *vlans; /* the topology's to be */
	size_t vlan_count;
	struct doc_host *hosts;
	size_t host_count;
	struct doc_set *sets;
	size_t set_count;
	struct doc_rule *rules;
	size_t rule_count;
	struct doc_tunnel *tunnels;
	size_t tunnel_count;
	struct doc_group *groups;
	size_t group_count;
	struct doc_place *places;
	size_t place_count;
	struct doc_defaults defaults;
	struct word_list allowed_lints;
	uint64_t range_values; /* that ranges stand for */
	/*
	 * Some of them are missing here that the files may have: an unknown name is no error then.
	 */
	bool vlans_broken;
	bool hosts_broken;
	bool sets_broken;
	bool tunnels_broken;
};

#endif
