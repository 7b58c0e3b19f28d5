/*
 * Ad hoc: a tunnel that the file does not have, from a text of the command line.
 *
 *     7999 -> git-server/git via test-server    a tunnel, as under `tunnels:`
 *     git-server/git                            an egress alone: its ingress is `auto`
 *     test-server                               a host: a login there
 *
 * The text is read by the grammar of the file and checked like one of its tunnels; what is wrong is
 * shown in it, with a caret.
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
