/*
 * Ad hoc: a tunnel of the command line that the file does not have.
 *
 *     7999 -> git-server/git via test-server    a tunnel string, as under `tunnels:`
 *     git-server/git                            an egress alone: its ingress is `auto`
 *     test-server                               a host: a login there
 *
 * The text is parsed and validated like a tunnel of the file; errors are shown in the text, with a
 * caret.
 */
#ifndef TUNPLAN_TOPOLOGY_ADHOC_H
#define TUNPLAN_TOPOLOGY_ADHOC_H

#include "topology/diag/diag.h"
#include "topology/model/topology.h"

/*
 * Reads a text into a tunnel (in arena) whose name is the text. A login is a tunnel without forwards,
 * and its exit is the host. The text becomes a source of the topology's, with the name "argument", for
 * the diagnostics. Returns false with at least one error in diags when it is no tunnel.
 */
bool adhoc_tunnel(const char *text, const struct topology *topology, struct sources *sources,
		  struct arena *arena, struct diag_list *diags, const struct tunnel **ret_tunnel);

#endif
