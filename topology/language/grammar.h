/*
 * Grammar: parses the strings of the language.
 *
 *     tunnel  = ingress "->" egress ["via" HOST {HOST}]
 *     ingress = [HOST["@"VLAN] ":"] (PORT | "auto" | PATH) | [HOST ":"] ADDR ":" PORT
 *     egress  = HOST["@"VLAN] ("/"SERVICE | ":"PORT | ":"PATH) | "socks@"HOST
 *             | (ADDR | NAME) ":" PORT
 *     rule    = END "->" END {PORT | PORT"-"PORT}
 *     END     = any | HOST | VLAN | HOST"@"VLAN | SET | SET"@"VLAN | CIDR
 *     at      = (ADDR | "localhost" | FQDN) ":" PORT
 *     permit  = (ADDR | NAME | "*") ":" (PORT | "*")          as sshd_config(5) has it
 *     ADDR    = IPv4 | "[" IPv6 "]"     PORT = 1..65535
 *
 * A string becomes a struct, nothing more: validate.h checks whether a host of that name exists, so
 * every name keeps its place in the string. The texts of results and faults live in the arena. If
 * the string has another form, a function returns false, leaves the result alone and fills
 * *ret_fault, which says what is wrong and where in the string.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_GRAMMAR_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_GRAMMAR_H

#include "topology/language/fault.h"
#include "topology/model/topology.h"

/* A word of a string and its place, in bytes. text is NULL where the word was not written. */
struct part {
	const char *text;
	size_t offset;
	size_t length;
};

struct grammar_ingress {
	struct part host;       /* absent: me */
	struct part vlan;       /* behind HOST@ */
	struct part whole;      /* all of it */
	bool any_port;          /* auto */
	struct address address; /* text is NULL when no address was written */
	uint16_t port;          /* 0 with any_port or path */
	const char *path;       /* or NULL */
};

struct grammar_egress {
	enum egress_kind kind;  /* EGRESS_PORT also for a NAME: only who knows the hosts can tell */
	struct part host;       /* absent with EGRESS_ADDRESS */
	struct part vlan;       /* behind HOST@ */
	struct part service;    /* EGRESS_SERVICE */
	struct part whole;      /* all of it */
	struct address address; /* EGRESS_ADDRESS: numeric */
	uint16_t port;
	const char *path; /* EGRESS_PATH */
};

struct grammar_tunnel {
	struct grammar_ingress ingress;
	struct grammar_egress egress;
	struct part *via;
	size_t via_count;
};

/*
 * One end of a rule as it is written: only RULE_ANY and RULE_CIDR are certain.
 */
struct grammar_end {
	enum rule_end_kind kind; /* RULE_HOST: a host, a VLAN or a set */
	struct part name;        /* which */
	struct part vlan;        /* RULE_HOST_AT_VLAN: behind the name of a host or a set */
	struct cidr cidr;        /* RULE_CIDR */
};

struct grammar_rule {
	struct grammar_end from;
	struct grammar_end to;
	struct port_range *ports;
	size_t port_count;
};

bool grammar_ingress(const char *text, struct arena *arena, struct grammar_ingress *ret_ingress,
		     struct fault *ret_fault);
bool grammar_egress(const char *text, struct arena *arena, struct grammar_egress *ret_egress,
		    struct fault *ret_fault);
bool grammar_tunnel(const char *text, struct arena *arena, struct grammar_tunnel *ret_tunnel,
		    struct fault *ret_fault);
bool grammar_rule(const char *text, struct arena *arena, struct grammar_rule *ret_rule,
		  struct fault *ret_fault);
bool grammar_end(const char *text, struct arena *arena, struct grammar_end *ret_end,
		 struct fault *ret_fault);
bool grammar_at(const char *text, struct arena *arena, struct address *ret_address,
		uint16_t *ret_port, struct fault *ret_fault);

/* An entry of PermitOpen; or, if listen, of PermitListen: then the host may be a pattern, or absent. */
bool grammar_permit(const char *text, bool listen, struct arena *arena,
		    struct sshd_permit *ret_permit, struct fault *ret_fault);

#endif
