/*
 * Print: writes a topology in canonical form.
 *
 * One file, with includes merged, variables replaced by their values and lists written as lists;
 * keys in the order of tunplan(5), things in the order of the topology. The output loads as an
 * equal topology, and printing that gives the same text. `tunplan config` shows this form, `tunplan
 * up` sends it to the supervisor, and a lab keeps it: both plan from what is printed here.
 */
#ifndef TUNPLAN_TOPOLOGY_PRINT_PRINT_H
#define TUNPLAN_TOPOLOGY_PRINT_PRINT_H

#include "topology/base/strbuf.h"
#include "topology/model/topology.h"

/* Appends the topology; with origins, each part with the file and the line that it comes from. */
void topology_print(const struct topology *topology, bool origins, struct strbuf *ret_text);

#endif
