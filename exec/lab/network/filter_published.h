/*
 * Filter published: nftables lines about connections to published addresses, for filter.h.
 *
 * Pure. A rule applies to the host that is published, on the VLAN and at the address and port of
 * its publication (rule 6 of tunplan(7)), and not to the host that has that address. So these lines
 * come before all others, and they decide every connection to a published address.
 */
#ifndef TUNPLAN_EXEC_LAB_NETWORK_FILTER_PUBLISHED_H
#define TUNPLAN_EXEC_LAB_NETWORK_FILTER_PUBLISHED_H

#include "exec/lab/network/published.h"
#include "topology/base/strbuf.h"

/*
 * Append the lines about what the router itself has (for its input chain), about what it passes on to those
 * who have it, and about what neighbours send to one of those. Return whether there are any.
 */
bool lab_filter_published_here(const struct lab_network *network, struct strbuf *text);
bool lab_filter_published_beyond(const struct lab_network *network, struct strbuf *text);
bool lab_filter_published_host(const struct lab_network *network, const struct lab_node *node,
			       struct strbuf *text);

#endif
