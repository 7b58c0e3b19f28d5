/*
 * Host ranges: one entry of `hosts` that stands for several hosts, "node[001-128]".
 *
 * The entry is read once, as its first host (parse_hosts.c), so that what is wrong with it is said once.
 * When all files have been read, each range is replaced with its hosts: then nobody behind the document
 * knows of ranges.
 */
#ifndef TUNPLAN_TOPOLOGY_LANGUAGE_HOST_RANGES_H
#define TUNPLAN_TOPOLOGY_LANGUAGE_HOST_RANGES_H

#include "topology/language/parse.h"

/* Reads the name of an entry: of a range the first name, and host->range is made. */
void host_range_name(struct parser *parser, const struct yaml_node *scalar, struct doc_host *host);

/*
 * Reads a range of addresses of the host that is being read, and returns the first one, to be the next of
 * the interface. NULL: something is wrong with the range, which was reported.
 */
const struct address *host_range_address(struct parser *parser, const struct yaml_node *scalar,
					 const struct text_range *range,
					 const struct interface *interface);

/* Whether ranges may stand for so many values more. If not, says so at a place. */
bool host_range_room(struct parser *parser, uint64_t values, struct span at);

/* Replaces each range with its hosts. */
void host_ranges_expand(struct parser *parser);

#endif
