/*
 * Facts: what the user's ssh_config makes of the hops that me's ssh clients log in to.
 *
 * The files may lead ssh elsewhere than the file of the topology says. On the first hop that is how it
 * is dialled, and the plan says so; where `up` does not go by them, the plan says that, and the commands
 * are guarded so that who types them gets what `up` makes.
 */
#ifndef TUNPLAN_PLANNER_EXPLAIN_FACTS_H
#define TUNPLAN_PLANNER_EXPLAIN_FACTS_H

#include "planner/model/request.h"

/* Guards the hops that the request has facts of, and adds an assumption for each difference. */
void facts_use(struct plan *plan, const struct plan_request *request, struct arena *arena);

#endif
