/*
 * Task: what one forward of a tunnel asks for, once it is known which host is me.
 *
 * Turns a forward of the topology into its hosts, the address of its listener, and up to two goals:
 * a path to the egress (unless me opens the egress itself) and a path to the ingress, if that is on
 * another host. A login is a task without a forward. Owns nothing; its texts are in the arena that
 * was passed. Rules 15 to 18 of tunplan(7).
 */
#ifndef TUNPLAN_PLANNER_SEARCH_TASK_H
#define TUNPLAN_PLANNER_SEARCH_TASK_H

#include "planner/model/request.h"
#include "planner/search/goal.h"

struct task {
	const struct topology *topology;
	const struct plan_request *request;
	const struct forward *forward; /* NULL: a login */
	size_t index;                  /* of the forward in the tunnel */
	size_t ingress;                /* host */
	size_t egress;                 /* host, or TOPOLOGY_NONE outside the file */
	const struct service *service; /* what answers there, or NULL: the file does not say */
	struct plan_end entrance;      /* what the listener binds */
	struct goal to_egress;
	struct goal to_ingress; /* if the ingress is elsewhere */
};

/*
 * Resolves a forward of the request's tunnel, or, for a tunnel without any, the login on its exit.
 * Returns false and fills *ret_failure when me lacks what it names, or nothing could be planned.
 */
bool task_resolve(const struct plan_request *request, size_t index, struct arena *arena,
		  struct task *ret_task, struct plan_failure *ret_failure);

/* Whether the ingress is on another host than me. */
bool task_is_remote(const struct task *task);

/* Whether `via` and `exit` apply to the path to the egress (rule 18). */
bool task_leads_on(const struct task *task);

/* Returns "from A to B", to follow "no path". */
const char *task_text(const struct task *task, struct arena *arena);

#endif
