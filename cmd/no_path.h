/* No path: says that a tunnel cannot be planned, and why, and from which place it could be. */
#ifndef TUNPLAN_CMD_NO_PATH_H
#define TUNPLAN_CMD_NO_PATH_H

#include "cmd/loaded.h"
#include "planner/planner.h"
#include "topology/base/strbuf.h"

/* Adds to a failure, as its help, from which places of the file there is a path. */
void no_path_places(struct loaded *loaded, const struct plan_request *request,
		    struct plan_failure *failure);

/* Prints a failure on stderr, or with --json appends its object to the result. */
void no_path_say(const struct cli *cli, const struct loaded *loaded,
		 const struct plan_failure *failure, struct strbuf *result);

#endif
