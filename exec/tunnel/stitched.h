/*
 * Stitched: the hops of a plan whose ssh client does not run here, but on a host where the chain passes (rule 12).
 *
 * Such a piece, which may pass several hosts, is one live hop. It is carried by the last hop whose ssh runs here: a
 * session there runs the ssh of the piece (session.sh), and its holder (holder.h) is the hop's incarnation. Nothing
 * can be asked of that ssh later but dials, so the forwards of a piece are part of what it is.
 */
#ifndef TUNPLAN_EXEC_TUNNEL_STITCHED_H
#define TUNPLAN_EXEC_TUNNEL_STITCHED_H

#include "planner/model/plan.h"
#include "topology/base/strbuf.h"

/*
 * Returns the hop of a plan that is a live one where hop `index` is passed: itself, or of a piece the hop that has
 * the forwards.
 */
size_t stitched_whole(const struct plan *plan, size_t index);

/* Returns the hop of a plan that carries the live one (stitched_whole()): that of an ssh here; or TOPOLOGY_NONE. */
size_t stitched_parent(const struct plan *plan, size_t index);

/* Appends what makes a live hop what it is, beside its parent: ssh_argv_key(); of a piece, its forwards as well. */
void stitched_key(const struct plan *plan, size_t index, struct strbuf *text);

#endif
