/* Filter rule: one reachability rule as lines of nftables, for filter.h and filter_published.h. */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_FILTER_RULE_H
#define TUNPLAN_EXEC_LAB_NETWORK_FILTER_RULE_H

#include "exec/lab/network/node.h"
#include "topology/base/strbuf.h"

/* nft's words for a family. */
struct lab_filter_family {
	enum address_family family;
	const char *match; /* before saddr and daddr */
};

/* IPv4 and IPv6. */
#define LAB_FILTER_FAMILIES 2
extern const struct lab_filter_family lab_filter_families[LAB_FILTER_FAMILIES];

/* One side of a rule in the making: which of its addresses count, and nft's words for it. */
struct lab_filter_side {
	const struct rule_end *end;
	const char *direction;    /* "saddr", "daddr" */
	const char *device_match; /* "iifname", "oifname"; NULL: the VLAN is known already */
	size_t vlan;              /* only addresses on this VLAN count; TOPOLOGY_NONE: all */
};

struct lab_filter_rule {
	const struct rule *rule;
	const struct lab_filter_side *from;
	const struct lab_filter_side *to;
	const char *before;                     /* words that stand before its own, or "" */
	bool ports;                             /* with its ports */
	const struct lab_filter_family *family; /* NULL: both */
};

/*
 * Appends one rule: one line where no address is named, else one per family that both sides have; twice
 * that where it rejects.
 */
void lab_filter_add_rule(const struct lab_network *network, const struct lab_filter_rule *line,
			 struct strbuf *text);

/*
 * Appends lines that refuse connections which hosts make to a VLAN that they are on, but by way of another
 * one, because their own interface there has no address of the family. They leave by their interface there
 * and by no other (rule 1 of tunplan(7)); their routes lead to the router, and end. words: what else is
 * matched.
 */
void lab_filter_add_detours(const struct lab_network *network, size_t vlan,
			    const struct lab_filter_family *family, const char *words,
			    struct strbuf *text);

#endif
