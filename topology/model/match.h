/*
 * Match: which rule of `reachability` decides about a connection.
 *
 * A connection leads from a point to a point, each an address on an interface of a host. The rules
 * are tried in order, and the first that matches decides. If none does, the caller applies the
 * default: allowed inside a VLAN, else denied. This file is the definition; the indexes of rules
 * must agree with it.
 */
#ifndef TUNPLAN_TOPOLOGY_MODEL_MATCH_H
#define TUNPLAN_TOPOLOGY_MODEL_MATCH_H

#include "topology/model/topology.h"

/* Which end of a rule. */
enum rule_side { RULES_FROM, RULES_TO, RULES_SIDES };

/* Returns a rule's end of a side. */
static inline const struct rule_end *rule_end_of(const struct rule *rule, enum rule_side side)
{
	return side == RULES_FROM ? &rule->from : &rule->to;
}

/* One end of a connection, as a rule sees it. */
struct match_point {
	size_t host;                   /* TOPOLOGY_NONE: no host of the file */
	size_t vlan;                   /* of the interface; TOPOLOGY_NONE: unknown */
	const struct address *address; /* NULL: the file does not give it */
};

/* Whether what is on a VLAN may have an address of a family. A name is of each. */
bool match_family(const struct vlan *vlan, enum address_family family);

/*
 * Finds the address from which an interface dials a family, as the kernel would: its first one.
 * Returns false when it has addresses, and none of that family. What the file leaves open (no address,
 * or a name) may be of any family of its VLAN's ranges, and then the address is NULL.
 */
bool match_source(const struct topology *topology, const struct interface *leaving,
		  enum address_family family, const struct address **ret_source);

/*
 * Whether an end stands for a point. An address that the file does not give is somewhere in its VLAN's
 * ranges: a range matches if it holds all of them.
 */
bool match_end(const struct topology *topology, const struct rule_end *end,
	       const struct match_point *point);

/* Returns how much match_end() may look at for that, for those who bound their work; at least 1. */
size_t match_cost(const struct topology *topology, const struct rule_end *end,
		  const struct match_point *point);

/* Whether a rule has a port. */
bool match_port(const struct rule *rule, uint16_t port);

/* Whether a rule, by itself, is about a connection to a TCP port. */
bool match_one(const struct topology *topology, const struct rule *rule,
	       const struct match_point *from, const struct match_point *to, uint16_t port);

/* Returns the rule that decides about a connection to a TCP port, or NULL. */
const struct rule *match_rule(const struct topology *topology, const struct match_point *from,
			      const struct match_point *to, uint16_t port);

#endif
