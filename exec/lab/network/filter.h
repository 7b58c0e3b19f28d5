/*
 * Filter: the reachability rules as nftables text, ready for `nft -f -` in a node's network
 * namespace.
 *
 * Pure. Rules are tried in order and the first match decides; without a match, connections inside a
 * VLAN are allowed and all others denied. Traffic between VLANs passes the router, so the router's
 * forward chain holds every rule and drops the rest. Traffic inside a VLAN passes no router, so
 * each host's input chain holds the rules that can match there and accepts the rest; traffic from
 * the router, recognised by its hardware address, has been filtered already. Each rule carries
 * `comment "file.yaml:40"`.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_FILTER_H
#define TUNPLAN_EXEC_LAB_NETWORK_FILTER_H

#include "exec/lab/network/node.h"
#include "topology/base/strbuf.h"

/* Appends the router's rules. The network must have a router. */
void lab_filter_router(const struct lab_network *network, struct strbuf *text);

/*
 * Appends a host's rules and returns true; appends nothing and returns false when no rule denies
 * anything to that host from within its own VLANs.
 */
bool lab_filter_host(const struct lab_network *network, const struct lab_node *node,
		     struct strbuf *text);

#endif
