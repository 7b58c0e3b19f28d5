/*
 * Topology: the validated description of a network, const from validation on.
 *
 * It is what the planner, the supervisor and the lab read. All of it lives in one arena; hosts,
 * VLANs and tunnels refer to each other by index into the arrays of struct topology, in the order
 * of the file. Names are unique, known and made of the characters that a name may have: whoever
 * holds a struct topology need not check any of that again.
 *
 *     bytes -> yaml.h (spanned tree) -> document.h (parsed) -> topology.h (validated)
 */
#ifndef TUNPLAN_TOPOLOGY_TOPOLOGY_H
#define TUNPLAN_TOPOLOGY_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/diag.h"

/* "No such index", where an index is optional. */
#define TOPOLOGY_NONE SIZE_MAX
/* A host index that stands for whichever host this machine is. */
#define TOPOLOGY_ME (SIZE_MAX - 1)

enum address_family { ADDRESS_NAME, ADDRESS_IPV4, ADDRESS_IPV6 };

/* What can be dialled: a numeric address, or a name that the dialling host resolves. */
struct address {
	enum address_family family;
	uint8_t bytes[16]; /* network order; 4 used for IPv4, 16 for IPv6, 0 for a name */
	const char *text;  /* as ssh wants it: no brackets; numeric ones in canonical form */
};

/* A range of numeric addresses. */
struct cidr {
	enum address_family family; /* never ADDRESS_NAME */
	uint8_t bytes[16];          /* the network's address, host bits zero */
	uint8_t prefix;             /* bits: 0..32 or 0..128 */
	const char *text;           /* canonical, "10.10.0.0/16" */
};

struct vlan {
	const char *name;
	struct span at; /* the name in the file */
	struct cidr *cidrs;
	size_t cidr_count;
};

/* A host's presence on one VLAN. */
struct interface {
	size_t vlan; /* index into topology.vlans */
	struct span at;
	struct address *addresses; /* none: the host is dialled by its own name */
	size_t address_count;
};

/* How to log in to a host. Unset strings are NULL and leave ssh's own default. */
struct ssh_login {
	bool stated;   /* the file has an `ssh` for this host; else it is assumed */
	bool none;     /* `ssh: none`: there is no sshd */
	uint16_t port; /* 22 unless the file says otherwise */
	const char *user;
	const char *identity; /* a path, as written: `~/` is ssh's to expand */
	const char *config;   /* the alias in the user's ssh_config to dial instead of an address */
	struct span at;
};

/* Who encrypts a service's bytes; nothing is guessed from ports. */
enum service_encryption { SERVICE_CLEAR, SERVICE_TLS, SERVICE_SSH };

/* What answers for a service in the lab (`lab:` of a service). */
enum service_lab { LAB_RESPONDER, LAB_GIT, LAB_HTTP, LAB_HTTPS, LAB_PROXY, LAB_IMAP };

struct service {
	const char *name;
	uint16_t port;
	enum service_encryption encrypted;
	enum service_lab lab;
	struct span at;
};

struct host {
	const char *name;
	struct span at;
	struct interface *interfaces; /* in the file's order; no VLAN twice */
	size_t interface_count;
	struct ssh_login ssh;
	struct service *services; /* names unique within the host */
	size_t service_count;
};

/* One end of a reachability rule. */
enum rule_end_kind { RULE_ANY, RULE_HOST, RULE_VLAN, RULE_HOST_AT_VLAN, RULE_CIDR };

struct rule_end {
	enum rule_end_kind kind;
	size_t host;      /* RULE_HOST, RULE_HOST_AT_VLAN */
	size_t vlan;      /* RULE_VLAN, RULE_HOST_AT_VLAN */
	struct cidr cidr; /* RULE_CIDR */
};

struct port_range {
	uint16_t first;
	uint16_t last; /* inclusive, >= first */
};

/* Rules are tried in order, the first match decides; then same VLAN: allowed; then: denied. */
struct rule {
	bool allow;
	struct rule_end from;
	struct rule_end to;
	struct port_range *ports; /* none: every port */
	size_t port_count;
	struct span at; /* the rule's string */
};

/* Where a tunnel is entered. */
struct ingress {
	size_t host;         /* index, or TOPOLOGY_ME (also when the file names none) */
	size_t vlan;         /* listen on this VLAN's address of host; TOPOLOGY_NONE: loopback */
	struct address bind; /* the address that was written; text is NULL when none was */
	bool any_port;       /* `auto` */
	uint16_t port;       /* 0 with any_port or path */
	const char *path;    /* a unix socket instead of a port, or NULL */
	struct span at;
};

enum egress_kind {
	EGRESS_SERVICE, /* HOST/SERVICE */
	EGRESS_PORT,    /* HOST:PORT */
	EGRESS_PATH,    /* HOST:PATH, a unix socket on HOST */
	EGRESS_SOCKS,   /* socks@HOST: a dynamic tunnel that leaves at HOST */
	EGRESS_ADDRESS, /* ADDR:PORT or FQDN:PORT, a place that is no host of the file */
};

/* Where a tunnel leads. */
struct egress {
	enum egress_kind kind;
	size_t host;    /* index or TOPOLOGY_ME; TOPOLOGY_NONE for EGRESS_ADDRESS */
	size_t vlan;    /* dial it on this VLAN; TOPOLOGY_NONE: whichever the exit shares */
	size_t service; /* EGRESS_SERVICE, when host is an index: index into its services */
	const char
		*service_name;  /* EGRESS_SERVICE: also for TOPOLOGY_ME, looked up when planning */
	uint16_t port;          /* 0 for EGRESS_PATH and EGRESS_SOCKS */
	const char *path;       /* EGRESS_PATH */
	struct address address; /* EGRESS_ADDRESS */
	struct span at;
};

struct forward {
	struct ingress ingress;
	struct egress egress;
};

struct tunnel {
	const char *name;
	struct span at;
	struct forward *forwards; /* at least one */
	size_t forward_count;
	size_t *via; /* hosts to pass, in order; gaps are filled */
	size_t via_count;
	size_t exit; /* the last hop exactly, or TOPOLOGY_NONE */
};

struct group {
	const char *name;
	struct span at;
	size_t *tunnels; /* expanded: groups in groups and globs are resolved; no tunnel twice */
	size_t tunnel_count;
};

struct topology_index;

struct topology {
	size_t me; /* `me:` of the file, or TOPOLOGY_NONE */
	struct vlan *vlans;
	size_t vlan_count;
	struct host *hosts;
	size_t host_count;
	struct rule *rules;
	size_t rule_count;
	struct tunnel *tunnels;
	size_t tunnel_count;
	struct group *groups;
	size_t group_count;
	const struct source *sources; /* what the spans index; the caller's */
	size_t source_count;
	const struct topology_index *index; /* for topology_host() and its like (index.h) */
};

/*
 * Loads a topology from sources[0]: tree, document, validation.
 * Returns true and sets *ret_topology (in arena) when there was no error; else adds every error to
 * diags, sorted, and returns false. The sources must outlive the topology.
 */
bool topology_load(const struct source *sources, size_t source_count, struct arena *arena,
		   struct diag_list *diags, const struct topology **ret_topology);

/* Returns the index of the host, VLAN or tunnel with that name, or TOPOLOGY_NONE. */
size_t topology_host(const struct topology *topology, const char *name);
size_t topology_vlan(const struct topology *topology, const char *name);
size_t topology_tunnel(const struct topology *topology, const char *name);

/* Returns the group with that name, or NULL. */
const struct group *topology_group(const struct topology *topology, const char *name);

/* Returns the host's interface on a VLAN, or NULL. */
const struct interface *host_interface(const struct host *host, size_t vlan);

/* Returns the host's service with that name, or NULL. */
const struct service *host_service(const struct host *host, const char *name);

/*
 * Returns the name nearest to a mistyped one among all hosts, VLANs, tunnels and groups of the
 * given kinds, or NULL when none is near (see suggest.h). For "did you mean" on the command line.
 */
const char *topology_suggest_tunnel(const struct topology *topology, const char *name);
const char *topology_suggest_host(const struct topology *topology, const char *name);

/* Returns whether a numeric address lies in the range; false for names and other families. */
bool cidr_contains(const struct cidr *cidr, const struct address *address);

#endif
