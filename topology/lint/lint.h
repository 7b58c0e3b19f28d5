/*
 * Lint: warnings about parts of a valid topology that its author probably did not mean.
 *
 *     bytes -> topology (load.h) -> lint_topology(): warnings
 *
 * A lint is a row of codes.h, a row of the table of lint.c and a function of a lint_*.c. Only
 * `tunplan check` runs lints, and nothing depends on them. `allow_lints` in the file silences some.
 */
#ifndef TUNPLAN_TOPOLOGY_LINT_LINT_H
#define TUNPLAN_TOPOLOGY_LINT_LINT_H

#include "topology/diag/diag.h"
#include "topology/model/topology.h"

/* Most that one lint looks at; behind that it gives up, and LINT_UNFINISHED says so. */
#define LINT_STEPS_MAX ((size_t)20 * 1000 * 1000)

/*
 * Adds a diag_lint() for everything that is found, and sorts the list. The spans are in the sources
 * that the topology was loaded from, the texts in the list's arena; what is only needed until then is
 * freed.
 */
void lint_topology(const struct topology *topology, struct diag_list *diags);

#endif
