/*
 * Replan: plans a tunnel of a snapshot, as the `up` of it asked, or so that no path passes some hosts. Pure, as the
 * planner is.
 */
#ifndef TUNPLAN_EXEC_SUPERVISOR_REPLAN_H
#define TUNPLAN_EXEC_SUPERVISOR_REPLAN_H

#include "exec/tunnel/tunnel.h"
#include "planner/planner.h"

struct replan {
	const struct snapshot *snapshot;
	const char *name;           /* of the tunnel */
	const char *const *without; /* hosts that no path may pass, NULL-terminated; or NULL */
	const char *const *
		left_out; /* and more of them; or NULL. A host that is not in the file counts for nothing */
	uint8_t min_trust; /* of the hosts that it passes, if the file asks for less */
	bool unattended;   /* nobody can answer a question at login */
	bool whole;        /* exposure and all is wanted, too, and not hops and forwards alone */
};

/*
 * Returns the plan, in arena, or NULL with why not in *ret_failure: its code is "usage" if there is no tunnel of that
 * name.
 */
const struct plan *replan(const struct replan *wanted, struct arena *arena,
			  struct plan_failure *ret_failure);

/*
 * Whether a tunnel is as a plan of the snapshot, without these hosts (or NULL), has it; or would be, if those answered that
 * it leaves out: while it works, it is not moved.
 */
bool replan_is_met(const struct snapshot *snapshot, const char *const *without,
		   const struct plan *plan, const struct live_tunnel *tunnel);

/* Whether a login by a plan asks a person. */
bool replan_asks(const struct plan *plan);

/* Returns the tunnel that is to be planned, in the snapshot's topology, or NULL. */
const struct tunnel *replan_tunnel(const struct replan *wanted);

#endif
