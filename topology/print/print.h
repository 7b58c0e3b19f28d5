/*
 * Print: a topology in its canonical form, for machines and for `tunplan config`.
 *
 * One file with nothing but what counts: files included, variables expanded, lists written as lists,
 * every key in the order of tunplan(5) and every thing in the order of the topology. What is printed
 * loads as an equal topology, and printing that gives the same text.
 */
#ifndef TUNPLAN_TOPOLOGY_PRINT_PRINT_H
#define TUNPLAN_TOPOLOGY_PRINT_PRINT_H

#include "topology/base/strbuf.h"
#include "topology/model/topology.h"

/* Appends the topology; with origins, each part with the file and the line that it comes from. */
void topology_print(const struct topology *topology, bool origins, struct strbuf *ret_text);

#endif
