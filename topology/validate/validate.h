/*
 * Validate: turns the document of document.h into a `struct topology`.
 *
 * Every name is looked up once, here: later stages use indexes.
 */
#ifndef TUNPLAN_TOPOLOGY_VALIDATE_VALIDATE_H
#define TUNPLAN_TOPOLOGY_VALIDATE_VALIDATE_H

#include "topology/diag/diag.h"
#include "topology/language/document.h"
#include "topology/model/topology.h"

/*
 * Makes a topology (in arena) of the document. Errors go to diags; with any of them the topology
 * is incomplete and must not be used. What is only needed until then goes to scratch.
 */
struct topology *validate_document(const struct document *document, struct arena *arena,
				   struct arena *scratch, struct diag_list *diags);

#endif
