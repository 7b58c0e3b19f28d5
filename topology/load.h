/*
 * Load: makes a topology from files.
 *
 *     text -> tree (yaml.h), its variables and includes -> one document for all files (document.h)
 *          -> topology (topology.h)
 *
 * Nothing is opened here: included files, and the environment variables that the topology names,
 * come from the caller through struct load_input.
 */
#ifndef TUNPLAN_TOPOLOGY_LOAD_H
#define TUNPLAN_TOPOLOGY_LOAD_H

#include "topology/diag/diag.h"
#include "topology/language/load_input.h"
#include "topology/model/topology.h"

/* Most files of one topology. */
#define LOAD_FILES_MAX 1000

/*
 * Loads a topology from its first file and what that includes. Every text is added to sources (in
 * arena), so that diagnostics can be shown in either case. Returns true and sets *ret_topology (in
 * arena) when no error was found but within tunnels, which are left out (topology.spoiled); else
 * returns false. Every error is added to diags, sorted. Without input, nothing can be included and
 * every variable of the environment is unset.
 */
bool topology_load(const struct load_file *first, const struct load_input *input,
		   struct sources *sources, struct arena *arena, struct diag_list *diags,
		   const struct topology **ret_topology);

#endif
