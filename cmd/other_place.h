/*
 * Other place: what to tell someone whose tunnel has no path from where they are, but from another place.
 */
#ifndef TUNPLAN_CMD_OTHER_PLACE_H
#define TUNPLAN_CMD_OTHER_PLACE_H

#include "cmd/loaded.h"
#include "planner/planner.h"

/* Adds to a failure, as its help, from which places of the file there is a path. */
void other_place_help(struct loaded *loaded, const struct plan_request *request,
		      struct plan_failure *failure);

#endif
