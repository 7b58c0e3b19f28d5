/*
 * Topology: the validated description of a network; const once validated.
 *
 * The input of the planner, the supervisor and the lab. It lives in one arena; hosts, VLANs and
 * tunnels refer to each other by index into the arrays of struct topology, in the order of the
 * files. Validation guarantees that names are unique, that every reference leads to a thing that
 * exists, and that names have only permitted characters; nobody checks any of that again.
 *
 *     bytes -> yaml.h (spanned tree) -> document.h (parsed) -> topology.h (validated)
 *
 * load.h makes a topology from files, print.h writes it down again.
 */
#ifndef TUNPLAN_TOPOLOGY_MODEL_TOPOLOGY_H
#define TUNPLAN_TOPOLOGY_MODEL_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/diag/source.h"

/* "No such index", where an index is optional. */
#define TOPOLOGY_NONE SIZE_MAX

/* The shortest time from probe to probe that a file may state. */
#define TOPOLOGY_PROBE_MIN_S 20
/* A host index that stands for whichever host this machine is. */
#define TOPOLOGY_ME (SIZE_MAX - 1)

/* How far a VLAN's or a host's owners are trusted with bytes in the clear. */
enum trust { TRUST_NONE, TRUST_LOW, TRUST_MEDIUM, TRUST_HIGH };

/* --- addresses */

enum address_family { ADDRESS_NAME, ADDRESS_IPV4, ADDRESS_IPV6 };

/* What can be dialled: a numeric address, or a name that the dialling host resolves. */
struct address {
	const char *text;  /* as ssh wants it: no brackets; numeric ones in canonical form */
	struct span at;    /* or no place */
	uint8_t bytes[16]; /* network order; 4 used for IPv4, 16 for IPv6, 0 for a name */
	uint8_t family;    /* enum address_family */
};

/* A range of numeric addresses. */
struct cidr {
	const char *text;  /* canonical, "10.10.0.0/16" */
	uint8_t bytes[16]; /* the network's address, host bits zero */
	uint8_t family;    /* enum address_family, never ADDRESS_NAME */
	uint8_t prefix;    /* bits: 0..32 or 0..128 */
};

/*
 * Where something can be reached that is elsewhere: a port of a NAT box on a VLAN, or of the loopback
 * of a host to which the thing itself has connected (`at`).
 */
struct publication {
	size_t vlan;            /* where the address is; TOPOLOGY_NONE: on a host */
	size_t host;            /* the rendezvous; TOPOLOGY_NONE: on a VLAN */
	struct address address; /* a name is looked up by who dials; "localhost" is one */
	uint16_t port;
	struct span at;
};

/* --- VLANs */

/* What encrypts whatever crosses a VLAN, between each two of its hosts. */
enum vlan_encryption { VLAN_CLEAR, VLAN_WIREGUARD, VLAN_IPSEC };

struct vlan {
	const char *name;
	struct span at; /* the name in the file */
	struct cidr *cidrs;
	size_t cidr_count;
	uint16_t id; /* 802.1Q, 1..4094; 0: not said */
	uint8_t trust;
	uint8_t encrypted; /* enum vlan_encryption */
};

/* A host's presence on one VLAN. */
struct interface {
	size_t vlan; /* index into topology.vlans */
	struct span at;
	struct address *addresses; /* none: the host is dialled by its own name */
	size_t address_count;
};

/* --- hosts */

/* An option of the ssh client (options.h). */
struct ssh_option {
	const char *keyword; /* as ssh_config(5) spells it */
	const char *value;
	struct span at; /* the keyword */
};

/* How to log in to a host. Unset strings are NULL and leave ssh's own default. */
struct ssh_login {
	bool stated;      /* the file has an `ssh` for this host; else it is assumed */
	bool none;        /* `ssh: none`: there is no sshd */
	bool interactive; /* each login asks a person (a second factor) */
	uint16_t port;    /* 22 unless the file says otherwise */
	const char *user;
	const char *identity; /* a path, as written: `~/` is ssh's to expand */
	const char *config;   /* the alias in the user's ssh_config to dial instead of an address */
	struct ssh_option *options; /* sorted by keyword; no keyword twice */
	size_t option_count;
	struct span at;
};

/* AllowTcpForwarding and AllowStreamLocalForwarding of sshd_config(5); `all` is `yes`. */
enum sshd_forwarding {
	SSHD_FORWARD_ALL,
	SSHD_FORWARD_NONE,
	SSHD_FORWARD_LOCAL,
	SSHD_FORWARD_REMOTE
};

enum sshd_gateway_ports { SSHD_GATEWAY_NO, SSHD_GATEWAY_YES, SSHD_GATEWAY_CLIENT };

/* An entry of PermitOpen or PermitListen. */
struct sshd_permit {
	const char *text; /* as it is written, and as sshd compares it */
	const char *host; /* without brackets; "*": any; NULL: a PermitListen of a port alone */
	uint16_t port;    /* 0: any */
	struct span at;
};

enum sshd_permits_kind { SSHD_PERMITS_ANY, SSHD_PERMITS_NONE, SSHD_PERMITS_LISTED };

struct sshd_permits {
	enum sshd_permits_kind kind;
	struct sshd_permit *items; /* SSHD_PERMITS_LISTED: at least one */
	size_t count;
};

/* The settings of an sshd that the language knows, by sshd_config(5)'s keywords. */
enum sshd_keyword {
	SSHD_ALLOW_TCP_FORWARDING,
	SSHD_ALLOW_STREAM_LOCAL_FORWARDING,
	SSHD_DISABLE_FORWARDING,
	SSHD_GATEWAY_PORTS,
	SSHD_PERMIT_OPEN,
	SSHD_PERMIT_LISTEN,
	SSHD_MAX_SESSIONS,
	SSHD_KEYWORDS,
};

/* What a host's sshd allows. What the file does not state has sshd's own default. */
struct sshd_settings {
	uint8_t tcp;          /* enum sshd_forwarding */
	uint8_t stream_local; /* enum sshd_forwarding */
	bool disable_forwarding;
	uint8_t gateway_ports; /* enum sshd_gateway_ports */
	struct sshd_permits open;
	struct sshd_permits listen;
	unsigned max_sessions;
	struct span at[SSHD_KEYWORDS]; /* where each is stated; no place: it is not */
};

/* Programs that can relay where an sshd may not forward. Bits. */
enum relay { RELAY_SOCAT = 1, RELAY_NC = 2 };

/* Whether other hosts may be reached through a host. */
enum jump { JUMP_YES, JUMP_NO, JUMP_AVOID };

/* A host to which another one can log in by itself. */
struct host_key {
	size_t host;
	const char *user; /* NULL: the other one's own */
	struct span at;
};

/* Who encrypts a service's bytes; nothing is guessed from ports. */
enum service_encryption { SERVICE_CLEAR, SERVICE_TLS, SERVICE_SSH };

/* What answers for a service in the lab (`lab:` of a service). */
enum service_lab { LAB_RESPONDER, LAB_GIT, LAB_HTTP, LAB_HTTPS, LAB_PROXY, LAB_IMAP };

/* On which addresses of its host a service listens. */
enum service_listen { LISTEN_ANY, LISTEN_LOOPBACK, LISTEN_VLANS };

struct service {
	const char *name;
	struct span at;
	const char *socket;            /* its path, or NULL: a TCP port */
	size_t *listen_vlans;          /* LISTEN_VLANS: at least one */
	struct publication *published; /* where else it can be reached */
	uint16_t port;                 /* 0 with socket */
	uint16_t listen_count;
	uint16_t published_count;
	uint8_t listen;    /* enum service_listen */
	uint8_t encrypted; /* enum service_encryption */
	uint8_t lab;       /* enum service_lab */
};

struct host {
	const char *name;
	struct span at;
	struct interface *interfaces;     /* in the file's order; no VLAN twice */
	const struct ssh_login *ssh;      /* never NULL */
	const struct sshd_settings *sshd; /* NULL: the file says nothing of it */
	struct service *services;         /* names unique within the host */
	struct publication *published;    /* where else its sshd can be reached */
	struct host_key *keys;
	uint32_t interface_count;
	uint32_t service_count;
	uint32_t published_count;
	uint32_t key_count;
	uint32_t cost; /* of passing it, when all else is equal */
	uint8_t relay; /* bits of enum relay */
	uint8_t jump;  /* enum jump */
	uint8_t trust;
	bool no_prime; /* `prime: no`: no session is made after a login */
};

/* --- reachability */

/* One end of a reachability rule. */
enum rule_end_kind { RULE_ANY, RULE_HOST, RULE_VLAN, RULE_HOST_AT_VLAN, RULE_CIDR, RULE_SET };

struct rule_end {
	enum rule_end_kind kind;
	size_t host;      /* RULE_HOST, RULE_HOST_AT_VLAN */
	size_t vlan;      /* RULE_VLAN, RULE_HOST_AT_VLAN */
	size_t set;       /* RULE_SET */
	struct cidr cidr; /* RULE_CIDR */
};

/* A name for several ends. Those of the file stand first. */
struct set {
	const char *name;
	struct span at;
	struct rule_end *ends; /* at least one; no RULE_ANY and no RULE_SET */
	size_t end_count;
	bool at_vlan; /* it is what SET@VLAN of a rule stands for, which is its name */
};

struct port_range {
	uint16_t first;
	uint16_t last; /* inclusive, >= first */
};

/* What becomes of a connection that a rule denies: it times out, or is refused. */
enum rule_action { RULE_DROP, RULE_REJECT };

/* Rules are tried in order, the first match decides; then same VLAN: allowed; then: denied. */
struct rule {
	bool allow;
	uint8_t action; /* enum rule_action, of a rule that denies */
	struct rule_end from;
	struct rule_end to;
	struct port_range *ports; /* none: every port */
	size_t port_count;
	const char *id;     /* what the owner of the rule calls it, or NULL */
	const char *reason; /* or NULL */
	struct span at;     /* the rule's string */
};

/* --- tunnels */

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
		*service_name; /* EGRESS_SERVICE: also for TOPOLOGY_ME, looked up when planning */
	uint16_t port;         /* 0 for a socket and EGRESS_SOCKS */
	const char *path;      /* EGRESS_PATH, or a service that listens on a socket */
	/*
	 * EGRESS_ADDRESS; or with EGRESS_PORT the address that was written, which is host's on vlan and
	 * the only one to be dialled; else without text.
	 */
	struct address address;
	struct span at;
};

struct forward {
	struct ingress ingress;
	struct egress egress;
};

/* How the hops of a tunnel hang together: each inside the one before, or joined on the hosts. */
enum tunnel_method { METHOD_ANY, METHOD_NESTED, METHOD_STITCHED };

/* What a tunnel may be held to. What is unset is 0. */
struct tunnel_options {
	size_t *avoid_hosts;
	size_t avoid_host_count;
	size_t *avoid_vlans;
	size_t avoid_vlan_count;
	unsigned max_hops; /* 0: any number */
	unsigned probe_s;  /* seconds from probe to probe; 0: at `up` and at reconnects only */
	unsigned idle_timeout_s; /* taken down after so long without a connection; 0: never */
	uint8_t method;          /* enum tunnel_method */
	uint8_t min_trust;       /* enum trust: of the hosts that it passes */
	bool no_probe;           /* its egress must not be connected to just to see it answer */
	bool no_failover;        /* no other path is taken by itself */
	bool on_demand;          /* brought up by the first connection */
};

/* A host that a path passes or ends on, or any one of those of a set (`via`, `exit`). */
struct stop {
	size_t set;    /* or TOPOLOGY_NONE: the host is named itself */
	size_t *hosts; /* ascending, none twice */
	size_t count;  /* 0: nothing is asked for */
};

/* Where two pieces of a stitched tunnel are joined. */
struct joint {
	uint16_t port;    /* 0 with path */
	const char *path; /* or NULL */
};

struct tunnel {
	const char *name;
	struct span at;
	struct forward *forwards; /* at least one */
	size_t forward_count;
	struct stop *via; /* what to pass, in order; gaps are filled */
	size_t via_count;
	struct stop exit;     /* the last hop exactly, if anything */
	struct joint *stitch; /* in the order of the chain; where there is none, one is chosen */
	size_t stitch_count;
	struct tunnel_options options; /* its own, and what `defaults` adds */
};

struct group {
	const char *name;
	struct span at;
	size_t *tunnels; /* expanded: groups in groups and globs are resolved; no tunnel twice;
			    none where no tunnel matches */
	size_t tunnel_count;
	bool incomplete; /* a tunnel of it is spoiled, and not among these */
};

/* --- places */

/* What a place is recognised by. */
enum place_fact {
	PLACE_ADDR,        /* this machine has an address in the range */
	PLACE_GATEWAY,     /* its default route leads to the address */
	PLACE_GATEWAY_MAC, /* and that has the MAC address */
	PLACE_DNS,         /* its resolver asks the address, or searches the domain */
	PLACE_TCP,         /* a port answers */
	PLACE_FACTS,
};

/* One value that may be found. */
struct place_sign {
	enum place_fact fact;
	const char *text;       /* canonical */
	struct cidr range;      /* PLACE_ADDR */
	struct address address; /* PLACE_GATEWAY, PLACE_DNS, PLACE_TCP */
	uint16_t port;          /* PLACE_TCP */
	uint8_t mac[6];         /* PLACE_GATEWAY_MAC */
	struct span at;
};

/*
 * Where me can be. It is there when for every fact that has signs one of them is found; a place
 * without signs is where me is when no other place is recognised. All that are recognised add up.
 */
struct place {
	const char *name;
	struct span at;
	struct place_sign *signs; /* by fact, in the order of enum place_fact */
	size_t sign_count;
	struct interface *interfaces; /* what me has there, besides its own */
	size_t interface_count;
};

/* --- all of it */

/* Where `defaults` says what no path of a tunnel may break; no place: it does not. */
struct limits_at {
	struct span avoid;
	struct span method;
	struct span max_hops;
	struct span min_trust;
};

/* What `defaults` says. */
struct defaults {
	struct span at;       /* the key in the file, or no place */
	struct ssh_login ssh; /* of hosts; neither stated nor none */
	struct tunnel_options tunnel;
	struct limits_at limits_at; /* of tunnel */
};

struct topology_index;

struct topology {
	size_t me; /* `me:` of the file, or TOPOLOGY_NONE */
	struct span me_at;
	struct vlan *vlans;
	size_t vlan_count;
	struct host *hosts;
	size_t host_count;
	struct set *sets;
	size_t set_count;
	struct rule *rules;
	size_t rule_count;
	struct tunnel *tunnels;
	size_t tunnel_count;
	const char **spoiled; /* names of further tunnels, which errors of their own keep out */
	size_t spoiled_count;
	struct group *groups;
	size_t group_count;
	struct place *places;
	size_t place_count;
	struct defaults defaults;
	const char **allowed_lints; /* codes, sorted, none twice */
	size_t allowed_lint_count;
	const struct sources *sources;      /* what the spans are in; the caller's */
	const struct topology_index *index; /* for topology_host() and its like (index.h) */
};

/* Returns the index of the host, VLAN, tunnel or place with that name, or TOPOLOGY_NONE. */
size_t topology_host(const struct topology *topology, const char *name);
size_t topology_vlan(const struct topology *topology, const char *name);
size_t topology_tunnel(const struct topology *topology, const char *name);
size_t topology_place(const struct topology *topology, const char *name);

/* Whether a tunnel of that name is in the file, and kept out by an error of its own. */
bool topology_spoils(const struct topology *topology, const char *name);

/* Returns the group with that name, or NULL. */
const struct group *topology_group(const struct topology *topology, const char *name);

/* Returns the host's interface on a VLAN, or NULL. */
const struct interface *host_interface(const struct host *host, size_t vlan);

/* Returns the host's service with that name, or NULL. */
const struct service *host_service(const struct host *host, const char *name);

/* Whether a host is the one that is asked for, or one of several. */
bool stop_has(const struct stop *stop, size_t host);

/* Returns the name of the host or the set that the file asks for. */
const char *stop_name(const struct topology *topology, const struct stop *stop);

/* Returns an end of a rule as one or several that are no sets, and how many. */
const struct rule_end *topology_ends(const struct topology *topology, const struct rule_end *end,
				     size_t *ret_count);

/*
 * Returns the name nearest to a mistyped one among all hosts, VLANs, tunnels and groups of the
 * given kinds, or NULL when none is near (see suggest.h). For "did you mean" on the command line.
 */
const char *topology_suggest_tunnel(const struct topology *topology, const char *name);
const char *topology_suggest_host(const struct topology *topology, const char *name);
const char *topology_suggest_place(const struct topology *topology, const char *name);

/* Returns the word for an enum vlan_encryption: "wireguard", "ipsec"; NULL: in the clear. */
const char *topology_vlan_cipher(uint8_t encrypted);

/* Returns the word for an enum trust: "none", "low", "medium", "high". */
const char *topology_trust_name(uint8_t trust);

/* Return the words of sshd_config(5) for settings: "yes", "no", "local", "clientspecified" … */
const char *sshd_forwarding_name(enum sshd_forwarding forwarding);
const char *sshd_gateway_ports_name(enum sshd_gateway_ports gateway_ports);

/* Returns whether a numeric address lies in the range; false for names and other families. */
bool cidr_contains(const struct cidr *cidr, const struct address *address);

/* Returns whether every address of the inner range lies in the outer one. */
bool cidr_holds(const struct cidr *outer, const struct cidr *inner);

#endif
