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
 * A string becomes a struct of document.h, nothing more: validate.h checks whether a host of that name
 * exists, so every name keeps its place: scalar is where the string stands in its file. The texts of
 * results and faults live in the arena. If the string has another form, a function returns false,
 * leaves the result alone and fills *ret_fault, which says what is wrong and where in the string.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_GRAMMAR_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_GRAMMAR_H

#include "topology/language/document.h"
#include "topology/language/fault.h"
#include "topology/yaml/yaml.h"

bool grammar_ingress(const struct yaml_node *scalar, const char *text, struct arena *arena,
		     struct doc_ingress *ret_ingress, struct fault *ret_fault);
bool grammar_egress(const struct yaml_node *scalar, const char *text, struct arena *arena,
		    struct doc_egress *ret_egress, struct fault *ret_fault);
bool grammar_tunnel(const struct yaml_node *scalar, const char *text, struct arena *arena,
		    struct doc_forward *ret_forward, struct word_list *ret_via,
		    struct fault *ret_fault);
bool grammar_end(const struct yaml_node *scalar, const char *text, struct arena *arena,
		 struct doc_end *ret_end, struct fault *ret_fault);

/* Fills in the ends and the ports of a rule. */
bool grammar_rule(const struct yaml_node *scalar, const char *text, struct arena *arena,
		  struct doc_rule *rule, struct fault *ret_fault);

bool grammar_at(const char *text, struct arena *arena, struct address *ret_address,
		uint16_t *ret_port, struct fault *ret_fault);

/* An entry of PermitOpen; or, if listen, of PermitListen: then the host may be a pattern, or absent. */
bool grammar_permit(const char *text, bool listen, struct arena *arena,
		    struct sshd_permit *ret_permit, struct fault *ret_fault);

#endif
